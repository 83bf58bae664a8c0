package main

import (
	"os"

	"github.com/crossdc/failover/reports/html"
	"github.com/crossdc/failover/reports/store"
)

func main() {
	run, err := store.Read(os.Args[1])
	if err != nil {
		panic(err)
	}
	f, _ := os.Create(os.Args[2])
	if err := html.Write(f, run, html.Options{}); err != nil {
		panic(err)
	}
}
