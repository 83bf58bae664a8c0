package plain

import (
	"strings"
	"unicode/utf8"
)

// Fill breaks pieces into lines of at most width columns; a piece that is wider is broken at its spaces, a word that is
// wider is cut.
func Fill(pieces []string, width int) []string {
	var lines []string
	current := ""
	for _, piece := range narrowed(pieces, width) {
		for utf8.RuneCountInString(piece) > width {
			if current != "" {
				lines, current = append(lines, current), ""
			}
			runes := []rune(piece)
			lines, piece = append(lines, string(runes[:width])), string(runes[width:])
		}
		switch {
		case piece == "":
		case current == "":
			current = piece
		case utf8.RuneCountInString(current)+1+utf8.RuneCountInString(piece) <= width:
			current += " " + piece
		default:
			lines, current = append(lines, current), piece
		}
	}
	if current != "" || lines == nil {
		lines = append(lines, current)
	}
	return lines
}

func narrowed(pieces []string, width int) []string {
	out := make([]string, 0, len(pieces))
	for _, piece := range pieces {
		if utf8.RuneCountInString(piece) > width {
			out = append(out, strings.Fields(piece)...)
		} else {
			out = append(out, piece)
		}
	}
	return out
}
