# Needs Go and nothing else; what a target needs beyond that it installs through the go command.
SHELL   := /bin/bash
GINKGO  := go tool ginkgo
REPORTS := $(or $(CROSSDC_REPORTS),$(CURDIR)/reports/out)
export CROSSDC_REPORTS = $(REPORTS)

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: run
run: ## every scenario against two embedded data centers, then the table of results (under 3 minutes)
	@rm -rf $(REPORTS)
	@CROSSDC_STEADY_HEARTBEATS=$${CROSSDC_STEADY_HEARTBEATS:-40} $(GINKGO) --keep-going ./suites/...; status=$$?; \
	  go run ./reports/show $(REPORTS)/summary.json || status=1; exit $$status

.PHONY: test
test: ## everything that proves the code: unit, contract, smoke suites (under 8 minutes)
	go test -race -timeout 6m ./toolkit/... ./support/... ./fixtures/... ./reports/...

.PHONY: lint
lint: ## gofmt, vet, staticcheck
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

.PHONY: clean
clean: ## removes what the other targets made
	rm -rf reports/out .bin
	find . -name '*.test' -type f -delete
