package html

import (
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/plain"
)

// svg collects one drawing. Colors come from classes, so that one drawing serves light, dark and paper; every text goes
// through escape.
type svg struct{ b strings.Builder }

func escape(s string) string { return template.HTMLEscapeString(plain.Line(s)) }

// px prints a coordinate with one decimal.
func px(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		v = 0
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// open starts a drawing of the given size with its text alternative.
func (s *svg) open(width, height float64, title string) {
	s.b.WriteString(`<svg viewBox="0 0 ` + px(width) + " " + px(height) + `" width="` + px(width) + `" height="` + px(height) + `" role="img" aria-label="` + escape(title) + `">`)
}

func (s *svg) close() template.HTML {
	s.b.WriteString("</svg>")
	return template.HTML(s.b.String()) //nolint:gosec // every text in it went through escape
}

func (s *svg) rect(class string, x, y, w, h float64, title string) {
	s.b.WriteString(`<rect class="` + class + `" x="` + px(x) + `" y="` + px(y) + `" width="` + px(w) + `" height="` + px(h) + `"`)
	if title == "" {
		s.b.WriteString("/>")
		return
	}
	s.b.WriteString("><title>" + escape(title) + "</title></rect>")
}

func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	s.b.WriteString(`<path class="` + class + `" d="M` + px(x1) + " " + px(y1) + "L" + px(x2) + " " + px(y2) + `"/>`)
}

// text places s; anchor is "start", "middle" or "end".
func (s *svg) text(class string, x, y float64, anchor, text string) {
	s.b.WriteString(`<text class="` + class + `" x="` + px(x) + `" y="` + px(y) + `" text-anchor="` + anchor + `">` + escape(text) + "</text>")
}

func (s *svg) path(class, d string) {
	s.b.WriteString(`<path class="` + class + `" d="` + d + `"/>`)
}

// points makes a path through points.
func points(at func(i int) (x, y float64), n int) string {
	var b strings.Builder
	for i := range n {
		x, y := at(i)
		if i == 0 {
			b.WriteByte('M')
		} else {
			b.WriteByte('L')
		}
		b.WriteString(px(x) + " " + px(y))
	}
	return b.String()
}

// scale maps values onto pixels; from may be the greater one, as on an axis that grows upwards.
type scale struct{ from, to, left, width float64 }

func (s scale) at(v float64) float64 {
	if s.to == s.from {
		return s.left
	}
	return s.left + (v-s.from)/(s.to-s.from)*s.width
}

// span is a rectangle's left edge and width, never narrower than least.
func (s scale) span(from, to, least float64) (x, w float64) {
	x = s.at(from)
	w = s.at(to) - x
	if w < least {
		x -= (least - w) / 2
		w = least
	}
	return x, w
}

// ticks are about n round numbers within the scale.
func (s scale) ticks(n int) []float64 {
	size := s.to - s.from
	if size <= 0 || math.IsInf(size, 0) || math.IsNaN(size) {
		return []float64{s.from}
	}
	step := math.Pow(10, math.Floor(math.Log10(size/float64(n))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if size/(step*factor) <= float64(n) {
			step *= factor
			break
		}
	}
	var out []float64
	for v := math.Ceil(s.from/step) * step; v <= s.to+step/1000 && len(out) < 4*n; v += step {
		out = append(out, v)
	}
	return out
}

// clipLabel shortens a label to about that many characters.
func clipLabel(s string, limit int) string {
	s = plain.Line(s)
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return s
}
