package store

import (
	"reflect"

	"github.com/crossdc/failover/reports/model"
)

var instantType = reflect.TypeFor[model.Instant]()

// shift returns a copy of s whose instants count from a zero that lies offset earlier.
func shift(s model.Scenario, offset model.Instant) model.Scenario {
	if offset == 0 {
		return s
	}
	return shifted(reflect.ValueOf(s), offset).Interface().(model.Scenario)
}

// shifted finds every Instant, wherever the model has one: a field added later cannot be forgotten here.
func shifted(v reflect.Value, offset model.Instant) reflect.Value {
	switch v.Kind() {
	case reflect.Int64:
		if v.Type() == instantType {
			return reflect.ValueOf(v.Interface().(model.Instant) + offset)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out := reflect.New(v.Type().Elem())
			out.Elem().Set(shifted(v.Elem(), offset))
			return out
		}
	case reflect.Slice:
		if elem := v.Type().Elem().Kind(); !v.IsNil() && (elem == reflect.Struct || elem == reflect.Pointer) {
			out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			for i := range v.Len() {
				out.Index(i).Set(shifted(v.Index(i), offset))
			}
			return out
		}
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(shifted(v.Field(i), offset))
			}
		}
		return out
	default:
	}
	return v
}
