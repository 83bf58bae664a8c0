package crossdc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var errNotANumber = errors.New("not a number of this type")

// blank is the white space that the cast's input stream skips on both ends.
const blank = " \t\n\v\f\r"

// cast stores a configured text in a field as the SPL cast of its type does (toolkit contract 2.1). Strings are taken as they
// are; all other types skip white space around the value, so CRLF files break only strings.
func cast(text string, field any) error {
	if s, ok := field.(*string); ok {
		*s = text
		return nil
	}
	text = strings.Trim(text, blank)
	switch field := field.(type) {
	case *bool:
		return castBoolean(text, field)
	case *int32:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return reason(err)
		}
		*field = int32(n)
	case *uint8:
		n, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 10, 8)
		if err != nil {
			return reason(err)
		}
		*field = uint8(n)
	case *float64:
		return castReal(text, field)
	default:
		return fmt.Errorf("no cast to %T", field)
	}
	return nil
}

func castBoolean(text string, field *bool) error {
	switch text {
	case "true":
		*field = true
	case "false":
		*field = false
	default:
		return errors.New("neither true nor false")
	}
	return nil
}

// castReal takes the decimal notations of a C++ stream: no hexadecimal, no "inf", no "nan".
func castReal(text string, field *float64) error {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return errNotANumber
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return reason(err)
	}
	*field = f
	return nil
}

// reason keeps of strconv's error what is new: the value is in the CastError already, unless it is a secret.
func reason(err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return errors.New("out of range")
	}
	return errNotANumber
}
