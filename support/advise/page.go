package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"

	"github.com/crossdc/failover/toolkit/crossdc/advise"
)

//go:embed page.tmpl
var pageText string

// cell is one square of the heat map.
type cell struct {
	Value float64
	Keeps bool
	Heat  string // share of the worst cell, 0..1
}

type heatRow struct {
	Interval float64
	Cells    []cell
}

// heat lays the map out for the page; darker is worse.
func heat(m advise.Map) (rows []heatRow) {
	var worst float64
	for _, row := range m.False {
		for _, v := range row {
			worst = max(worst, v)
		}
	}
	for i, interval := range m.Intervals {
		row := heatRow{Interval: interval}
		for n := range m.Misses {
			c := cell{Value: m.False[i][n], Keeps: m.Keeps[i][n], Heat: "0"}
			if worst > 0 {
				c.Heat = fmt.Sprintf("%.2f", c.Value/worst)
			}
			row.Cells = append(row.Cells, c)
		}
		rows = append(rows, row)
	}
	return rows
}

// writePage writes the advice as one page that needs nothing else.
func writePage(name string, a advise.Advice) error {
	page, err := template.New("advice").Funcs(template.FuncMap{
		"percent": percent, "times": func(y advise.Yearly) string { return fmt.Sprintf("%.3g [%.3g, %.3g]", y.Value, y.Low, y.High) },
		"p": func(p float64) string { return fmt.Sprintf("P%.0f", p*100) },
	}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	out, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	err = page.Execute(out, struct {
		advise.Advice
		Heat []heatRow
	}{a, heat(a.Map)})
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write the page %s: %w", name, err)
	}
	return nil
}
