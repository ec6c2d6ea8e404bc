# `make run` and `make test` work from a bare machine; see docs/BUILD.md.
.PHONY: run build dev setup test lint e2e bench chaos

run: build
	target/release/runs serve

build: setup
	scripts/build

# Quick to build, slow to run: debug server, unoptimised web app.
dev: setup
	scripts/build --dev
	target/debug/runs serve

setup:
	@scripts/setup

test:
	scripts/setup test
	scripts/test

lint:
	scripts/setup test
	scripts/lint

e2e:
	scripts/setup test
	scripts/build
	scripts/e2e

bench: build
	scripts/bench

# Kills server and engine under load and counts, then asks what nobody would ask;
# ROUNDS=10 for a short game.
ROUNDS ?= 100
chaos: build
	scripts/chaos --rounds $(ROUNDS)
