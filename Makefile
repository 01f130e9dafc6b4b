# For everybody: make demo, make test.
# For the rest: setup test-long serve worker check budget coverage evaluate bench benchmark soak screenshots
# catalogue wheel lock licences sbom mutation clean.
PYTHON ?= python3.11
BIN := .venv/bin
# What runs is installed first, and for the demo alone; tests and training need four times as much.
RUNS := .venv/.runs
STAMP := .venv/.installed
# Without its bytecode each of the many processes would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test test-long suite serve worker check budget coverage evaluate bench benchmark soak screenshots catalogue usage wheel lock licences sbom mutation clean

# The hash of each file is checked, nothing is run of what comes in, and what is built is built with
# what was checked. Where pip finds no build of torch for processors alone, it takes the registry's.
# pip compiles what it installs one file after the other: all processors do, without the packages'
# own tests, in a third of the time.
INSTALL := $(BIN)/python -m pip install --quiet --no-deps --no-compile
WHEELS := $(INSTALL) --require-hashes --only-binary :all: --requirement
COMPILE := $(BIN)/python -W ignore -m compileall -qq -j 0 -x 'site-packages/.*/tests?/' .venv/lib || true
$(RUNS): pyproject.toml requirements/run.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(WHEELS) requirements/run.txt
	$(INSTALL) --no-build-isolation --config-settings editable_mode=compat --editable .
	$(COMPILE)
	touch $(RUNS)

$(STAMP): $(RUNS) $(wildcard requirements/*.txt)
	$(WHEELS) requirements/wheels.txt
	$(INSTALL) --require-hashes --no-build-isolation --requirement requirements/source.txt
	$(WHEELS) requirements/torch-cpu.txt 2> /dev/null || $(WHEELS) requirements/torch.txt
	$(COMPILE)
	$(BIN)/python -m pip check
	touch $(STAMP)

setup: $(STAMP)
	$(BIN)/presslens models fetch

demo: $(RUNS)
	$(BIN)/presslens models fetch
	$(BIN)/presslens demo

# The stage of each commit: what takes two minutes on one processor is checked beside the suite.
test: setup
	@echo "stage: commit; the laboratory and the long tests have a stage of their own, make test-long"
	$(MAKE) --jobs=2 --no-print-directory suite check

suite: $(STAMP)
	$(BIN)/pytest -n auto --dist worksteal --ignore tests/lab -m "not long"

# Before a release, and where the laboratory changes.
test-long: setup
	@echo "stage: long; the laboratory, and what tests at length"
	$(BIN)/pytest -n auto --dist worksteal -m long

# Measuring takes half as long again, so that it has a verb of its own.
coverage: setup
	$(BIN)/coverage erase
	$(BIN)/pytest -n auto --dist worksteal --cov --cov-report=
	@for part in models pipelines app/services; do \
		printf 'branch coverage of %s, percent: ' $$part && \
		$(BIN)/coverage report --include="$$part/*" --format=total --fail-under=90 || exit 1; done

serve: setup
	$(BIN)/presslens serve

worker: setup
	$(BIN)/presslens init
	$(BIN)/presslens worker

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m presslens.lab.budget
	$(BIN)/python -m presslens.lab.supply.advisories

# Lines, words, megabytes, statements and seconds, each beside its ceiling in lab/budget.toml.
budget: $(STAMP)
	$(BIN)/python -m presslens.lab.budget

evaluate: setup
	$(BIN)/presslens models evaluate --data ../shared/data

bench: setup
	$(BIN)/presslens models bench
	$(BIN)/presslens stats bench
	$(BIN)/python -m presslens.lab.bench.pages
	$(BIN)/python -m presslens.lab.bench.gallery
	$(BIN)/python -m presslens.lab.bench.start
	$(BIN)/python -m presslens.lab.bench.interpret
	$(BIN)/python -m presslens.lab.bench.reprints
	$(BIN)/python -m presslens.lab.bench.road
	$(BIN)/python -m presslens.lab.bench.zoom
	$(BIN)/python -m presslens.lab.bench.reads
	$(BIN)/python -m presslens.lab.bench.uploads
	$(BIN)/python -m presslens.lab.bench.table_sizes

# The pages and photos that other systems are measured on too, and our own figures on them: makes
# them, analyses them, and writes the table and the picture of docs/reference/benchmark.md.
BENCHMARK := var/benchmark
benchmark: setup
	$(BIN)/presslens benchmark make --out $(BENCHMARK)
	$(BIN)/presslens benchmark specimen $(BENCHMARK) --out docs/images/benchmark.jpg
	$(BIN)/presslens benchmark run $(BENCHMARK) --out $(BENCHMARK)/presslens.json
	$(BIN)/presslens benchmark score $(BENCHMARK) $(BENCHMARK)/presslens.json \
		--out $(BENCHMARK)/scores.json --report docs/reference/benchmark.md

# Three hours, the last two for leaks; what was broken off goes on, and `CHECKS='leaks --minutes 5'`
# runs one check, and for less.
soak: setup
	$(BIN)/python -m presslens.lab.soak $(CHECKS)

# How many changes of the code the tests notice: PARTS="keys geometry" of these alone, MINUTES=5 of
# each at most, SAMPLE=60 for so many changes of each, drawn by a seed.
mutation: $(STAMP)
	$(BIN)/python -m presslens.lab.bench.mutation $(PARTS) $(if $(MINUTES),--minutes $(MINUTES)) \
		$(if $(SAMPLE),--sample $(SAMPLE))

screenshots: setup
	$(BIN)/python -m presslens.lab.bench.screenshots --out var/screenshots

catalogue: $(STAMP)
	$(BIN)/python -m presslens.lab.catalogue

# What each command takes, recorded so that wrong usage is named at once.
usage: $(STAMP)
	$(BIN)/python -m presslens.lab.usage

wheel: $(STAMP)
	rm -rf build
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

lock: $(STAMP)
	$(BIN)/python -m presslens.lab.supply.lock $(if $(UPGRADE),--upgrade)

# What is installed and shipped, under which licences; and as a bill of materials (CycloneDX).
licences: $(STAMP)
	$(BIN)/python -m presslens.lab.supply.licences

sbom: $(STAMP)
	@$(BIN)/python -m presslens.lab.supply.bill_of_materials

clean:
	rm -rf .venv build dist mutants var
