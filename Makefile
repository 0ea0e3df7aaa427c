# 榕信: two commands on a fresh machine are `make run` and `make test`.
# Needed: Go, gcc, make. Everything else comes from the Go module proxy, and for
# tests PostgreSQL, MariaDB, OpenSSH and Python by apt where they are missing, and
# Airflow as dags/requirements.lock names it.

BIN := bin/rongxin

.DEFAULT_GOAL := help
.PHONY: help run test check check-rules notebooks hostile bench bench-large bench-judgement soak fmt build clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/rongxin
	@go build -o $(BIN) ./cmd/rongxin

run: build ## the main job: a city landed, judged, listed, delivered, reconciled, explained
	@scripts/main-job.sh $(BIN) demo

test: ## all tests
	@scripts/test.sh

check: ## formatting, vet, contracts, rules and the portable SQL subset
	@scripts/check.sh

notebooks: build ## the notebooks executed on the published run of RONGXIN_HOME (default: what make run left), as pages in build/notebooks
	@RONGXIN=$(CURDIR)/$(BIN) RONGXIN_HOME=$${RONGXIN_HOME:-demo/warehouse} scripts/notebooks.sh build/notebooks

check-rules: ## judgement held against independent seconds: a million enterprises, relations, SQL mutants (minutes)
	@scripts/check-rules.sh

soak: ## delivery of a million records with the sender killed 500 times and 30 % faulty requests, over both stores and by HTTP, exchange database and files (hours)
	@scripts/servers.sh sh -c 'go build -o bin/soak ./cmd/soak && bin/soak && bin/soak -store postgres && bin/soak -store postgres -transport exchange && bin/soak -transport drop'

bench: ## landing, judgement, the draw and delivery against their goals: ratios against plain yardsticks in the same run, memory, equal bytes
	@scripts/servers.sh go run ./cmd/bench

bench-large: ## a file of 5 GB landed: rate and peak memory (needs 12 GB of disk)
	@go run ./cmd/bench -contest large -rows 7500000 -rounds 1

bench-judgement: ## judgement of 1 and 2 million enterprises (needs 30 GB of disk and 10 GB of memory, takes two hours)
	@for contest in evaluate incremental buckets; do go run ./cmd/bench -contest $$contest -rows 31000000 -rounds 1 || exit; done

fmt: ## format Go files
	@gofmt -w cmd dags deploy evaluators internal notebooks pipelines transforms warehouse

clean: ## remove what make made
	@rm -rf bin build
