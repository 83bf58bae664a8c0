# Needs Go and nothing else; what a target needs beyond that it installs through the go command.
SHELL   := /bin/bash
GINKGO  := go tool ginkgo
# Recipes take every path from the environment and quote it: a path may hold anything.
ifeq ($(value CROSSDC_REPORTS),)
export CROSSDC_REPORTS := $(CURDIR)/reports/out
endif
# ginkgo does not know NO_COLOR (no-color.org), only a variable of its own.
ifneq ($(value NO_COLOR),)
export GINKGO_NO_COLOR ?= TRUE
endif
CORE    := S01 || S03 || S08 || S15 || S16 || control
SMOKE   := fast
# Packages whose tests start data centers and whole suites: make test runs their short part, make test-long everything.
LONG    := (prove/witness|environment/dc|environment/fleet|scenario/endings|watch/ways)
# The rules of accessibility that the page is held against (an npm package).
AXE     := axe-core@4.14.1
# The programs of emulated data centers, linked once for all suites of a run; each builds its own where this fails. What is given stays.
PROGRAMS := if [ "$${CROSSDC_ENVIRONMENT:-embedded}" = embedded ] && go build -ldflags='-s -w' -o .bin/ ./fixtures/emulator ./fixtures/wan; then \
	export CROSSDC_EMULATOR_PATH="$${CROSSDC_EMULATOR_PATH:-$$PWD/.bin/emulator}" CROSSDC_EMULATOR_RELAY="$${CROSSDC_EMULATOR_RELAY:-$$PWD/.bin/wan}"; fi
# Suites are linked without what only debuggers read.
LINKED   := --ldflags='-s -w'
# So are tests, and make lint has vetted them: a first run of make test spends most of its time on compiling.
TESTED   := -vet=off $(LINKED)
CODE     := ./toolkit/... ./support/... ./fixtures/... ./reports/...
# Traces of the run, where the standard OTEL_* variables name a collector; they never change how a run ends.
TRACES  := [ -z "$$OTEL_EXPORTER_OTLP_ENDPOINT$$OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" ] || go run ./reports/sinks -run "$$CROSSDC_REPORTS/run.json" -otel

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 17

.PHONY: run
run: ## the core scenarios against two embedded data centers, then the table of results (under 3 minutes)
	@go run ./reports/clear "$$CROSSDC_REPORTS"
	@go run ./support/scenario/check
	@$(PROGRAMS); CROSSDC_TABLE=never CROSSDC_STEADY_HEARTBEATS=$${CROSSDC_STEADY_HEARTBEATS:-40} $(GINKGO) $(LINKED) --keep-going --label-filter='$(CORE)' ./suites/...; status=$$?; \
	  echo; go run ./reports/show "$$CROSSDC_REPORTS" || status=1; $(TRACES); exit $$status

.PHONY: test
test: ## everything that proves the code: unit, contract and smoke suites (7 minutes; 9 when nothing is compiled yet)
	@state=$$(mktemp -d); trap 'rm -rf -- "$$state"' EXIT; export CROSSDC_JOURNAL="$$state"; set -x; \
	  go test $(TESTED) -timeout 6m $$(go list $(CODE) | grep -vE '$(LONG)$$') && \
	  go test $(TESTED) -short -timeout 6m $$(go list ./support/... | grep -E '$(LONG)$$')
	@$(PROGRAMS); out=$$(mktemp -d); trap 'rm -rf -- "$$out"' EXIT; CROSSDC_REPORTS="$$out" CROSSDC_JOURNAL="$$out/journal" CROSSDC_HISTORY=- CROSSDC_TABLE=never CROSSDC_STEADY_HEARTBEATS=20 \
	  $(GINKGO) $(LINKED) --keep-going --label-filter='$(SMOKE)' ./suites/...; status=$$?; go run ./reports/show "$$out" && [ $$status = 0 ] && \
	  go run ./support/prove/accuracy -runs 8 -loaded 0 -out "$$out"

.PHONY: test-race
test-race: ## the unit and contract tests again, by the race detector (7 minutes, most of them for compiling)
	@state=$$(mktemp -d); trap 'rm -rf -- "$$state"' EXIT; export CROSSDC_JOURNAL="$$state"; set -x; \
	  go test -race $(TESTED) -timeout 6m $$(go list $(CODE) | grep -vE '$(LONG)$$') && \
	  go test -race $(TESTED) -short -timeout 6m $$(go list ./support/... | grep -E '$(LONG)$$')

.PHONY: test-long
test-long: ## tests that start data centers and suites over and over: every bad ending, misbehaving proxies (12 minutes)
	@state=$$(mktemp -d); trap 'rm -rf -- "$$state"' EXIT; export CROSSDC_JOURNAL="$$state"; set -x; \
	  go test -p 1 -timeout 25m $$(go list ./support/... | grep -E '$(LONG)$$')

.PHONY: test-page
test-page: ## the page in Chromium and Firefox: axe-core, widths, 200 %, dark, printed, what a screen reader gets (nightly; says what it skipped)
	@modules=$$(mktemp -d); trap 'rm -rf -- "$$modules"' EXIT; set -o pipefail; \
	  if command -v npm >/dev/null; then npm install --silent --no-audit --no-fund --no-save --prefix "$$modules" $(AXE) || echo "$(AXE) could not be installed: accessibility is not checked"; \
	  else echo "there is no npm, so that $(AXE) cannot be installed: accessibility is not checked"; fi; \
	  export NODE_PATH="$${NODE_PATH:+$$NODE_PATH:}$$modules/node_modules"; \
	  go test -v -count=1 -timeout 30m ./reports/internal/browser ./reports/html ./reports/compare | grep --line-buffered -E '^ *(--- (FAIL|SKIP)|[a-z_]+_test\.go:|ok|FAIL|panic)'

.PHONY: test-cluster
test-cluster: ## the Kubernetes engine against a real API server with etcd in it, and what may befall pods (cold build: 5 CPU minutes)
	@out=$$(mktemp -d); trap 'rm -rf -- "$$out"' EXIT; set -x; (cd fixtures/cluster && go build -o "$$out/cluster" .) && \
	  TEST_CLUSTER="$$out/cluster" go test -p 1 -count=1 -timeout 5m ./support/campaign/cluster ./support/campaign

.PHONY: test-postgres
test-postgres: ## replicas in a real database: tests and S35, each with a PostgreSQL server of its own from the system's packages (4 minutes)
	go test -race -count=1 -timeout 6m -run 'Database|Row|Server|Release' ./fixtures/emulator/postgres ./fixtures/emulator/pe
	@out=$$(mktemp -d); trap 'rm -rf -- "$$out"' EXIT; CROSSDC_REPORTS="$$out" CROSSDC_JOURNAL="$$out/journal" CROSSDC_HISTORY=- \
	  $(GINKGO) --keep-going --label-filter='S35' ./suites/replication && go run ./reports/show "$$out"

.PHONY: test-brokers
test-brokers: ## traffic through real brokers and clients: mosquitto and kcat from the system's packages (1 minute)
	go test -race -count=1 -timeout 5m -run 'MQTT|Kafka|NothingIsSentTwice' ./support/traffic/adapter

.PHONY: init
init: ## asks two live data centers for their jobs and proposes an application file: make init [FILE=orders.yaml] [JOB=name]
	@go run ./support/application/init $${FILE:+-o "$$FILE"} $${JOB:+-job "$$JOB"}

.PHONY: doctor
doctor: ## looks at settings, data centers, indicators and faults; breaks nothing; SEND=1 tries one event, PROFILE=network.yaml measures the network for make advise
	@go run ./support/doctor $${SEND:+-send} $(if $(PROFILE),-profile "$(PROFILE)")

.PHONY: full
full: ## every scenario at the catalogue's full length, slow ones included (steady operation: 200 heartbeats), without long sweeps
	@go run ./reports/clear "$$CROSSDC_REPORTS"
	@go run ./support/scenario/check
	@$(PROGRAMS); CROSSDC_TABLE=never $(GINKGO) $(LINKED) --keep-going --label-filter='!soak' ./suites/...; status=$$?; echo; go run ./reports/show "$$CROSSDC_REPORTS" || status=1; $(TRACES); exit $$status

.PHONY: soak
soak: ## the long forms of sweeps alone: every row of their tables, for many heartbeats (half an hour)
	@go run ./reports/clear "$$CROSSDC_REPORTS"
	@go run ./support/scenario/check
	@$(PROGRAMS); CROSSDC_TABLE=never $(GINKGO) $(LINKED) --keep-going --label-filter='soak' ./suites/...; status=$$?; echo; go run ./reports/show "$$CROSSDC_REPORTS" || status=1; exit $$status

.PHONY: campaign
campaign: ## many trials, divided into shards, collected and judged as one run: make campaign ARGS='-name nightly -labels S03 -trials 59 -p 2'
	go run ./support/campaign $(ARGS)

.PHONY: image
image: ## the image that campaigns run on a cluster, as an OCI archive: make image [IMAGE=registry.example/failover:1 to push it as well]
	go run ./support/campaign/image -o .bin/image.tar $${IMAGE:+-push "$$IMAGE"}

.PHONY: lint
lint: ## gofmt, vet, staticcheck
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

.PHONY: bench
bench: ## speed of codec, state machines, traffic through adapters and reports; accuracy against the emulator's ground truth; cost of being observed
	go test -run '^$$' -bench . -benchtime 1s ./toolkit/crossdc ./toolkit/exchange ./support/traffic ./reports/...
	go test -run '^$$' -bench Traffic -benchtime 1x ./support/traffic/adapter
	go test -run '^$$' -bench TenThousand -benchtime 1x -timeout 20m ./support/campaign ./support/campaign/merge
	go run ./support/prove/accuracy
	go run ./support/prove/cost

.PHONY: levels
levels: ## a few more failovers at each level of an application, held against the truth, until levels.json has 60 of each: make levels [RUNS=3]
	for file in drill examples/numbered examples/counted examples/indicated; do \
	  CROSSDC_APPLICATION_FILE="$(CURDIR)/support/application/$$file.yaml" \
	    go run ./support/prove/accuracy -levels support/prove/accuracy/levels.json -until 60 -runs "$(or $(RUNS),3)" -loaded 0 || exit 1; \
	done

.PHONY: compare
compare: ## two runs side by side, before and after: make compare A=<folder> B=<folder> (table, and compare.html in B)
	@go run ./reports/compare "$$A" "$$B"

.PHONY: evidence
evidence: ## one archive of a run for an auditor: reports, journal, configuration, hashes, signed with CROSSDC_EVIDENCE_KEY (RUN=folder of results)
	@go run ./reports/evidence $${RUN:+"$$RUN"}

.PHONY: judge
judge: ## judges a stored run again without any environment: make judge RUN=reports/out/runs/<id>
	go run ./support/scenario/judge "$$RUN"

.PHONY: prove
prove: ## switches on every known bug, one a run, and shows which spec catches it (PARALLEL=3: as many runs at once)
	go run ./support/prove/bugs $${PARALLEL:+-parallel "$$PARALLEL"}

.PHONY: catalogue
catalogue: ## writes suites/CATALOGUE.md: every scenario of the contract, which exist, what each is proven to catch
	@go run ./support/prove/bugs -catalogue

.PHONY: mutate
mutate: ## plants over 120 faults, one at a time, and shows how many of them a test or a proof notices (under 60 minutes)
	go run ./support/prove/mutate

.PHONY: leftovers
leftovers: ## kills 20 remote runs at random moments; the next run or heal must bring both sides back (6 minutes)
	go run ./support/prove/leftovers

.PHONY: advise
advise: ## what a configuration and a network mean, before anything is broken: make advise PROFILE=network.yaml, with CONFIG=crossdc-config.txt or LIVE=dc1
	go run ./support/advise $(if $(PROFILE),-profile "$(PROFILE)") $(if $(CONFIG),-config "$(CONFIG)") $(if $(LIVE),-live "$(LIVE)")

.PHONY: advice-witness
advice-witness: ## what advice says against trials of S03, S15 and S16 with three configurations on two emulated data centers (nightly; 20 minutes)
	go run ./support/prove/advice

.PHONY: explore
explore: ## finds the toolkit's known quirks and planted bugs from nothing, in virtual time (nightly; writes its record)
	go run ./support/prove/explore

.PHONY: replay
replay: ## plays what the exploration has found on two emulated data centers, one case after another, and adds that to its record
	go run ./support/prove/explore -replay

.PHONY: witness
witness: ## the same schedules in the model and in two emulated data centers: same statuses, in the same order and span (10 minutes)
	go run ./support/prove/witness

.PHONY: gate
gate: ## go or no-go from the JUnit files of the last run: make gate POLICY=policy.yaml (for scripts: .bin/gate exits 0, 1, 2)
	@go build -o .bin/gate ./reports/gate
	@.bin/gate -policy "$${POLICY:-reports/gate/policy.example.yaml}" "$$CROSSDC_REPORTS/junit.xml"

.PHONY: sinks
sinks: ## sends a stored run to dashboards: make sinks RUN=reports/out/run.json TO='-otel -textfile failover.prom'
	go run ./reports/sinks -run "$${RUN:-$$CROSSDC_REPORTS/run.json}" $(TO)

.PHONY: dc
dc: ## two emulated data centers to try by hand, until Ctrl-C
	go run ./support/environment/dc

.PHONY: lab
lab: ## two hosts with an SSH server and an emulated data center each, in network namespaces, until Ctrl-C (root; openssh-server)
	@go run ./fixtures/lab

.PHONY: test-lab
test-lab: ## in the lab, over SSH and by kernels: quick scenarios of five suites, and what is left; writes reports/out/lab.json (root, 8 minutes)
	@go run ./support/prove/lab

.PHONY: heal
heal: ## takes back what runs that died have left broken, by the journal of faults (CROSSDC_JOURNAL); DRY=1 only tells
	@go run ./support/fault/heal $${DRY:+-dry}

.PHONY: config
config: ## every setting (CROSSDC_*) with unit and default
	@go run ./support/config/print

.PHONY: vulnerabilities
vulnerabilities: ## known vulnerabilities in what we depend on (needs the vulnerability database)
	go tool govulncheck ./...

.PHONY: clean
clean: ## removes what the other targets made
	@go run ./reports/clear -all reports/out
	@rm -f -- .bin/gate .bin/image.tar .bin/emulator .bin/wan; rmdir -- .bin 2>/dev/null || true
	@for suite in suites/*/; do name=$$(basename "$$suite"); rm -f -- "$$suite$$name.test"; done
