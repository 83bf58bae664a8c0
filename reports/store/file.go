// Package store keeps runs as files and makes the results folder from them: the stored run is the truth, every report is
// made from it and can be made again.
package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"syscall"

	"github.com/crossdc/failover/reports/model"
)

// maxFile bounds what Read accepts, in bytes. A run of 10,000 scenarios is about 100 MB.
const maxFile = 1 << 30

// ErrForeign marks a file that is not a stored run at all, as opposed to a damaged one.
var ErrForeign = errors.New("not a stored run")

// Write stores run at path: the file is complete and on disk, or it is as it was before. A run that Read would refuse is
// not written; the error names the field.
func Write(path string, run model.Run) error {
	if run.Schema == 0 {
		run.Schema = model.SchemaVersion
	}
	if err := Validate(run); err != nil {
		return fmt.Errorf("store run %q as %s: %w", run.ID, path, err)
	}
	return replace(path, func(w io.Writer) error { return encode(w, run) })
}

// Encode is the stored form of run.
func Encode(run model.Run) ([]byte, error) {
	if run.Schema == 0 {
		run.Schema = model.SchemaVersion
	}
	if err := Validate(run); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := encode(&b, run); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// encode writes one scenario a line: thousands of them never stand in memory as text.
func encode(w io.Writer, run model.Run) error {
	const place = `"scenarios": []` // quotes inside of strings are escaped: this can only be the field
	scenarios := run.Scenarios
	run.Scenarios = []model.Scenario{}
	head, err := marshal(run, " ")
	if err != nil {
		return err
	}
	before, after, found := bytes.Cut(head, []byte(place))
	if !found {
		return errors.New("the stored form has no place for scenarios")
	}
	out := bufio.NewWriterSize(w, 256<<10)
	_, _ = out.Write(before) // a writer that failed says so at Flush
	_, _ = out.WriteString(`"scenarios": [`)
	for i, s := range scenarios {
		line, err := marshal(s, "")
		if err != nil {
			return fmt.Errorf("scenarios[%d]: %w", i, err)
		}
		if i > 0 {
			_ = out.WriteByte(',')
		}
		_, _ = out.WriteString("\n  ")
		_, _ = out.Write(bytes.TrimSpace(line))
	}
	_, _ = out.WriteString("]")
	_, _ = out.Write(after)
	return out.Flush()
}

func marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", indent)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return b.Bytes(), err
}

// Read reads a stored run. It refuses unknown schemas and fields, values of the wrong type or outside their vocabulary, and
// anything behind the run; the error names the file, the field and the value.
func Read(path string) (model.Run, error) {
	file, err := os.Open(path)
	if err != nil {
		return model.Run{}, fmt.Errorf("read a stored run: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read from
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return model.Run{}, fmt.Errorf("read the stored run %s: %w", path, err)
	}
	if len(data) > maxFile {
		return model.Run{}, fmt.Errorf("read the stored run %s: larger than %d bytes", path, maxFile)
	}
	run, err := Decode(data)
	if err != nil {
		return model.Run{}, fmt.Errorf("read the stored run %s: %w", path, err)
	}
	return run, nil
}

// Decode is the inverse of Encode, as strict as Read.
func Decode(data []byte) (model.Run, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var run model.Run
	err := decoder.Decode(&run)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			return model.Run{}, fmt.Errorf("line %d: something stands behind the run", line(data, decoder.InputOffset()))
		}
	}
	if err != nil || !model.Readable(run.Schema) || run.ID == "" {
		if other := foreign(data); other != nil {
			return model.Run{}, other
		}
	}
	if err != nil {
		return model.Run{}, explain(data, err)
	}
	if err := Validate(run); err != nil {
		return run, err
	}
	complete(&run)
	run.Schema = model.SchemaVersion // whatever an older version says means the same today
	return run, nil
}

// foreign says whether data is no stored run at all, or one of another schema: that explains whatever else is wrong.
func foreign(data []byte) error {
	var head struct {
		Schema *int    `json:"schema"`
		ID     *string `json:"id"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field == "" {
			return fmt.Errorf("%w: the file holds a JSON %s, not an object", ErrForeign, wrong.Value)
		}
		return nil
	}
	switch {
	case head.Schema == nil || head.ID == nil:
		return fmt.Errorf("%w: it has no schema or no id", ErrForeign)
	case !model.Readable(*head.Schema):
		return unknownSchema(*head.Schema)
	}
	return nil
}

// explain says where in the text decoding failed.
func explain(data []byte, err error) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the file ends too early, at byte %d: %w", len(data), err)
	case errors.As(err, &syntax):
		if syntax.Offset >= int64(len(bytes.TrimSpace(data))) {
			return fmt.Errorf("the file ends too early, at byte %d: %w", len(data), err)
		}
		return fmt.Errorf("line %d: %w", line(data, syntax.Offset), err)
	case errors.As(err, &wrong):
		return fmt.Errorf("line %d: %s: a %s, where %s is wanted", line(data, wrong.Offset), wrong.Field, wrong.Value, kind(wrong.Type))
	default:
		return err
	}
}

func kind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "an object"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	default:
		return "a number"
	}
}

func line(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), int64(len(data)))], []byte("\n"))
}

// replace writes a file beside path, forces it to disk, and renames it over path.
func replace(path string, write func(io.Writer) error) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = temporary.Close()
			_ = os.Remove(temporary.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if err := write(temporary); err != nil {
		return err
	}
	if err := temporary.Chmod(0o644); err != nil {
		return err
	}
	if err := temporary.Sync(); err != nil {
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename durable. File systems that cannot do that for folders say EINVAL, which loses nothing here.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close() //nolint:errcheck // only synced
	if err := folder.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
