package report

import "reflect"

// Rewrite puts every string of the report through f: to take secrets out of
// what servers echoed, or to mask addresses in a report that is shared.
func Rewrite(r *Report, f func(string) string) { rewrite(reflect.ValueOf(r).Elem(), f) }

func rewrite(v reflect.Value, f func(string) string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(f(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			rewrite(v.Elem(), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// Errors stay as they are: they never reach an output.
			if field := v.Type().Field(i); field.IsExported() && field.Name != "Err" {
				rewrite(v.Field(i), f)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			rewrite(v.Index(i), f)
		}
	}
}
