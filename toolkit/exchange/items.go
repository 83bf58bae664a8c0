package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/crossdc/failover/toolkit/access"
)

// ItemsAppender encodes itself as the JSON array of items, without reflection. n is the number of items.
type ItemsAppender interface {
	AppendItems(dst []byte) (out []byte, n int, err error)
}

// appendBody appends {"items":[...]} and returns the number of items. items may be an ItemsAppender, a json.RawMessage (an array, or
// one item), a []json.RawMessage, any slice or array, or one value, which is sent as an array of one.
func appendBody(dst []byte, items any) ([]byte, int, error) {
	dst = append(dst, `{"items":`...)
	n := 1
	var err error
	switch items := items.(type) {
	case nil:
		return nil, 0, fmt.Errorf("%w: no items", access.ErrRejected)
	case ItemsAppender:
		dst, n, err = items.AppendItems(dst)
	case json.RawMessage:
		if !json.Valid(items) {
			return nil, 0, fmt.Errorf("%w: items are not valid JSON", access.ErrRejected)
		}
		if trimmed := bytes.TrimSpace(items); trimmed[0] == '[' {
			var all []json.RawMessage
			if err = json.Unmarshal(items, &all); err == nil {
				dst, n = append(dst, trimmed...), len(all)
			}
		} else {
			dst = append(append(append(dst, '['), trimmed...), ']')
		}
	default:
		var encoded []byte
		encoded, err = json.Marshal(items)
		if len(encoded) > 0 && encoded[0] == '[' {
			dst, n = append(dst, encoded...), reflect.Indirect(reflect.ValueOf(items)).Len()
		} else {
			dst = append(append(append(dst, '['), encoded...), ']')
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("encode items: %w", err)
	}
	return append(dst, '}'), n, nil
}

// Decode decodes one item into v, which should hold integers as int64, uint64 or json.Number: numbers that v leaves open (any)
// become json.Number and keep their digits.
func Decode(item json.RawMessage, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(item))
	decoder.UseNumber()
	if err := decoder.Decode(v); err != nil {
		return fmt.Errorf("%w: item %.80s: %w", access.ErrMalformed, item, err)
	}
	return nil
}

// DecodeAll decodes items into a slice of T as Decode does.
func DecodeAll[T any](items []json.RawMessage) ([]T, error) {
	out := make([]T, len(items))
	for i, item := range items {
		if err := Decode(item, &out[i]); err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
	}
	return out, nil
}

// tuples is the body of an inspect answer or frame.
type tuples struct {
	Items    []json.RawMessage `json:"items"`
	Messages json.RawMessage   `json:"messages"`
}

// decodeItems reads {"items":[...]} with optional messages, or a bare array.
func decodeItems(body []byte) ([]json.RawMessage, []Message, error) {
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	if len(trimmed) == 0 {
		return nil, nil, fmt.Errorf("%w: body is empty, want items", access.ErrMalformed)
	}
	if trimmed[0] == '[' {
		var items []json.RawMessage
		if err := json.Unmarshal(trimmed, &items); err != nil {
			return nil, nil, fmt.Errorf("%w: items: %w", access.ErrMalformed, err)
		}
		return items, nil, nil
	}
	var t tuples
	if err := json.Unmarshal(trimmed, &t); err != nil {
		return nil, nil, fmt.Errorf("%w: want {\"items\":[...]}, got %.60s: %w", access.ErrMalformed, trimmed, err)
	}
	messages := access.Messages(t.Messages)
	if t.Items == nil && len(messages) == 0 && !hasNullItems(trimmed) {
		return nil, nil, fmt.Errorf("%w: items is missing in %.60s", access.ErrMalformed, trimmed)
	}
	return t.Items, messages, nil
}

// hasNullItems tells {"items":null}, an empty list as some encoders write it, from a body without items.
func hasNullItems(body []byte) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return false
	}
	_, there := fields["items"]
	return there
}

// accepted is the body of an inject answer or acknowledgement.
type accepted struct {
	Accepted *int64          `json:"accepted"`
	Messages json.RawMessage `json:"messages"`
}
