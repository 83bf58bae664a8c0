package access

import (
	"encoding/json"
	"strings"
)

// Message is one remark of the service: part of an error, or a warning in a successful answer (contract 3.1).
type Message struct {
	ID   string
	Text string
}

// String gives "<id> <text>".
func (m Message) String() string {
	if m.ID == "" || strings.Contains(m.Text, m.ID) {
		return m.Text
	}
	return strings.TrimSpace(m.ID + " " + m.Text)
}

// ErrorBody finds message id and text in a failure body: messages[], flat message/id, errors[], raw text (contract 1.5
// and 7, in this order).
func ErrorBody(body []byte) (id, message string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) == nil {
		if id, message = first(Messages(fields["messages"])); message != "" || id != "" {
			return id, message
		}
		id, message = scalar(fields["id"]), scalar(fields["message"])
		if message != "" {
			return id, message
		}
		if id, message = first(Messages(fields["errors"])); message != "" || id != "" {
			return id, message
		}
		return scalar(fields["id"]), ""
	}
	return "", string(body)
}

// first gives the first id and all texts joined (contract 1.5: clients join messages[].message).
func first(messages []Message) (id, text string) {
	texts := make([]string, 0, len(messages))
	for _, m := range messages {
		if id == "" {
			id = m.ID
		}
		if m.Text != "" {
			texts = append(texts, m.Text)
		}
	}
	return id, strings.Join(texts, "; ")
}

// Messages decodes an array of messages: objects with id and message, or plain texts. What is neither is left out.
func Messages(raw json.RawMessage) []Message {
	var entries []json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &entries) != nil {
		return nil
	}
	out := make([]Message, 0, len(entries))
	for _, entry := range entries {
		var fields map[string]json.RawMessage
		m := Message{Text: scalar(entry)}
		if m.Text == "" && json.Unmarshal(entry, &fields) == nil {
			m = Message{ID: scalar(fields["id"]), Text: scalar(fields["message"])}
		}
		if m.ID != "" || m.Text != "" {
			out = append(out, m)
		}
	}
	return out
}

// scalar gives a JSON string's text or a number's digits.
func scalar(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String()
	}
	return ""
}
