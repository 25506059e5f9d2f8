.DEFAULT_GOAL := help
.PHONY: help run watch test test-bluesky faults bench screenshots pages clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Set up what is missing, build, and start the demo
	@exec .ci/demo

watch: ## The demo, rebuilt and reloaded at every change
	@exec .ci/watch

test: ## Set up what is missing, and run all checks and tests
	@exec .ci/test

test-bluesky: ## The main job against a real Bluesky server
	@exec .ci/test-bluesky

faults: ## Kill, freeze and cut off servers on purpose (KILLS=200 CROWD=10000 MAILS=10000 MAIL_KILLS=100)
	@exec .ci/faults

bench: ## The promises about speed, against a floor measured in the same run; then pages
	@exec .ci/bench

pages: ## The part of bench that needs a browser: Lighthouse, frames, how fast a change is on other screens
	@exec .ci/pages

screenshots: ## Pictures of every page and state in end2end/screenshots
	@exec .ci/screenshots

clean: ## Remove everything built (the demo's data stays)
	@cargo clean
	@rm -rf target end2end/test-results end2end/node_modules end2end/bluesky/node_modules .ci/wasm-opt/node_modules
