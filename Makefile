# dockershell - `make help` says what there is to make.
#
# One makefile, not recursive. Objects go to build/$(MODE)/, so release, debug
# and asan never mix; the program itself is ./dockershell (release) or
# build/$(MODE)/dockershell. Chosen on the command line: MODE, CC, CFLAGS,
# LDFLAGS, PREFIX, DESTDIR, V=1 (show the commands), BUILD (another build/).

MODE ?= release
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
V ?= 0
ifeq ($(origin CC),default)
CC := gcc
endif

B := $(BUILD)/$(MODE)
SHARE := $(BUILD)/share
GENERATED := $(BUILD)/generated
Q := $(if $(filter 0,$(V)),@,)
ifeq ($(filter 0,$(V))$(findstring s,$(firstword -$(MAKEFLAGS))),0)
say = @printf '  %-8s %s\n' '$(1)' '$(2)'
else
say = @:
endif

ifeq ($(BUILD)/$(MODE),build/release)
PROGRAM := dockershell
else
PROGRAM := $(B)/dockershell
endif

all:

# ---- what it stands on --------------------------------------------------
# Names as pkg-config knows them. build/packages.mk holds its answers, so that
# it is asked once and not at every make.

PACKAGES := readline libcap libnl-3.0 libnl-route-3.0 libseccomp libarchive \
            libcrypto jansson sqlite3 lua5.4
HEADERS_ONLY := libcurl

# These ask no compiler, or call make again once everything is there.
WITHOUT_BUILD := run test test-vm test-asan fuzz bench bench-build coverage tidy help \
	clean format format-check layers compile_commands.json
ifneq ($(filter-out $(WITHOUT_BUILD),$(or $(MAKECMDGOALS),all)),)
include $(BUILD)/packages.mk
endif

$(BUILD)/packages.mk: Makefile tests/package/flags
	$(call say,ASK,pkg-config)
	$(Q)CC='$(CC)' tests/package/flags $(BUILD) "$(PACKAGES)" "$(HEADERS_ONLY)"

# ---- flags --------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	-Wwrite-strings -Wcast-qual -Wundef -Wvla -Wformat=2 -Wswitch-enum \
	-Wimplicit-fallthrough -Wnull-dereference -Wno-missing-field-initializers
ifeq ($(findstring clang,$(CC)),)
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches
endif

# The release is small so that it starts fast: a function that nobody calls is
# left out, our libraries are linked in, glibc alone is shared (what a command
# opens with dlopen needs it), and the program is not moved at each start.
CFLAGS_release = -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(FORTIFY) \
	-fstack-protector-strong -fstack-clash-protection -fno-pie \
	-ffunction-sections -fdata-sections
LDFLAGS_release := -no-pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack \
	-Wl,--as-needed -Wl,--gc-sections
CFLAGS_debug := -Og -g3 -fno-omit-frame-pointer
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
LDFLAGS_asan := -fsanitize=address,undefined
CFLAGS_coverage := -O0 -g --coverage
LDFLAGS_coverage := --coverage
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_fuzz := -fsanitize=address,undefined

ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -I. -I$(GENERATED) $(WARN) $(CFLAGS_$(MODE)) \
	$(PACKAGES_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(LDFLAGS_$(MODE)) $(LDFLAGS)
LIBS = $(if $(filter release,$(MODE)),$(LIBS_STATIC),$(LIBS_SHARED)) -lm -ldl \
	-lpthread

# ---- the program --------------------------------------------------------

SRC := $(wildcard runtime/base/*.c runtime/*.c images/*.c lessons/*.c shell/*.c)
OBJ := $(SRC:%.c=$(B)/%.o)
PARTS := $(filter-out $(B)/shell/main.o,$(OBJ))

# Until there is a main there is nothing to link.
all: $(OBJ) $(if $(filter $(B)/shell/main.o,$(OBJ)),$(PROGRAM)) share

$(PROGRAM): $(OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(OBJ) $(LIBS)

$(B)/%.o: %.c $(B)/command
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The default system call filter, compiled by a small program of the build.
FILTER := $(GENERATED)/runtime/syscalls_default.h
GENERATOR_SRC := runtime/seccomp/generate.c runtime/syscalls_compile.c \
	$(addprefix runtime/base/,amount.c buf.c err.c fs.c hardlinks.c)

$(B)/runtime/syscalls.o: $(FILTER)
$(FILTER): $(BUILD)/generate-syscalls
	$(call say,MAKE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$< >$@
$(BUILD)/generate-syscalls: $(GENERATOR_SRC) runtime/syscalls.def \
		runtime/syscalls_compile.h
	$(call say,LINK,$@)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE -I. -O1 $(PACKAGES_CFLAGS) -o $@ \
		$(GENERATOR_SRC) -lseccomp

# The program of a container's process 1 with --init: it stands alone, and its
# bytes go into ours.
INIT := $(GENERATED)/runtime/init_program.h
$(B)/runtime/init.o: $(INIT)
$(INIT): $(BUILD)/init-program
	$(call say,MAKE,$@)
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'static const unsigned char init_program[] = {'; \
		od -An -v -tx1 $< | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'; \
		echo '};'; } >$@
$(BUILD)/init-program: runtime/init/program.c
	$(call say,LINK,$@)
	$(Q)$(CC) -std=gnu17 -Os $(WARN) -ffreestanding -fno-stack-protector \
		-fno-asynchronous-unwind-tables -fcf-protection=none -fno-pie -no-pie \
		-static -nostdlib -s -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,-z,max-page-size=4096 -o $@ $<

# Changes when the compiler or its flags do, and makes everything anew then.
$(B)/command: FORCE
	@tests/package/flags --writable $(@D)
	@printf '%s\n' '$(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))' >$@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# ---- what is installed beside it ----------------------------------------
# build/share has the form of PREFIX/share/dockershell, so that the program
# finds the same names there: base/ (images), lessons/, locale/.

CATALOGUES := $(patsubst shell/po/%.po,$(SHARE)/locale/%/LC_MESSAGES/dockershell.mo,$(wildcard shell/po/*.po))

share: $(SHARE)/base/base.json $(SHARE)/lessons $(CATALOGUES)

$(SHARE)/base/base.json: images/base/make $(wildcard images/base/busybox/*)
	$(call say,IMAGE,busybox)
	$(Q)images/base/make $(SHARE)/base
$(SHARE)/lessons:
	$(Q)mkdir -p $(SHARE)
	$(Q)ln -sfnr lessons $@
$(SHARE)/locale/%/LC_MESSAGES/dockershell.mo: shell/po/%.po
	$(call say,MSGFMT,$<)
	$(Q)mkdir -p $(@D)
	$(Q)msgfmt --check-format -o $@ $<

# ---- two commands -------------------------------------------------------
# What is missing is installed first, so make is called again afterwards. On a
# terminal the prompt gets a process group of its own (set -m): a Ctrl-C in it
# must not end this make. ONLY='unit cli' tests these, named as tests/run does.

# The first build is a wait, and says so.
FIRST = @[ -e $(PROGRAM) ] || \
	echo "dockershell: building it from its source; once, and it can take some minutes" >&2
JOBS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 1))

run:
	@tests/package/needs build
	@tests/package/userns
	$(FIRST)
	@$(MAKE) --no-print-directory $(JOBS) all
	@if [ -t 0 ]; then set -m; $(PROGRAM_PATH); true; else $(PROGRAM_PATH); fi

test:
	@tests/package/needs build test
	@tests/package/userns
	$(FIRST)
	@$(MAKE) --no-print-directory $(JOBS) all tests
	@tests/run $(ONLY)

# In a machine of its own, with version 2 of cgroups alone: some two minutes.
test-vm:
	@tests/package/needs build test vm
	@$(MAKE) --no-print-directory $(JOBS) all tests
	@tests/vm/run

PROGRAM_PATH := $(if $(findstring /,$(PROGRAM)),,./)$(PROGRAM)

# ---- tests --------------------------------------------------------------

TEST_SRC := $(wildcard tests/test_*.c)
TESTS := $(TEST_SRC:%.c=$(B)/%)
TEST_TOOLS := $(patsubst %.c,$(B)/%,$(wildcard tests/tool_*.c))
HELPERS := $(patsubst %.c,$(B)/%.o,$(filter-out tests/test_% tests/tool_%,$(wildcard tests/*.c)))

tests: $(TESTS) $(TEST_TOOLS)
# All of it compiled and nothing linked: what another compiler has to say.
objects: $(OBJ) $(HELPERS) $(TEST_SRC:%.c=$(B)/%.o)
unit: tests
	$(Q)tests/run unit

# Archives, so that a test takes only what it uses: of the program (all but its
# main), and of what tests share (tests/*.c that are no test_ and no tool_).
$(B)/parts.a: $(PARTS)
$(B)/helpers.a: $(HELPERS)
$(B)/parts.a $(B)/helpers.a:
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(TESTS) $(TEST_TOOLS): $(B)/%: $(B)/%.o $(B)/helpers.a $(B)/parts.a | share
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

export BUILD MODE

test-asan:
	@$(MAKE) --no-print-directory MODE=asan unit

# The counters are written at each exec, also inside of containers, where they
# count as changes: a test or two fails of it here, and only here.
coverage:
	@$(MAKE) --no-print-directory MODE=coverage CC=gcc tests
	@MODE=coverage tests/run unit >/dev/null 2>&1 || true
	@find $(BUILD)/coverage -name '*.gcda' | xargs gcov -n -s $(CURDIR) 2>/dev/null | \
	awk -F"'" '/^File/ { f = $$2 } /^Lines executed/ { split($$0, p, ":"); split(p[2], n, "%"); \
		if (f ~ /^(runtime|images|lessons|shell)\//) printf "%6.1f %%  %s\n", n[1], f }' | \
	sort -k3 -k1,1nr | awk '!seen[$$3]++' | sort -n

# Each tests/fuzz/fuzz_NAME.c runs for FUZZ_SECONDS from the inputs in
# tests/corpus/NAME, under ASan and UBSan.
FUZZ_SECONDS ?= 20
FUZZERS := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz:
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang fuzz-all
fuzz-all: $(FUZZERS)
	$(Q)for f in $(FUZZERS); do \
		name=$${f##*/fuzz_}; found=$(BUILD)/corpus/$$name; mkdir -p $$found; \
		echo "  FUZZ     $$name ($(FUZZ_SECONDS) s)"; \
		$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
			-verbosity=0 -print_final_stats=1 -artifact_prefix=$$found- \
			$$found $$(ls -d tests/corpus/$$name 2>/dev/null) 2>$$found.log \
		|| { tail -40 $$found.log; exit 1; }; \
		grep -h number_of_executed $$found.log; \
	done
$(FUZZERS): $(B)/%: $(B)/%.o $(B)/parts.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

bench:
	@tests/package/needs build
	@$(MAKE) --no-print-directory all bench-tools
	@tests/bench/run $(BENCH)

bench-build:
	@tests/package/needs build
	@$(MAKE) --no-print-directory all bench-tools
	@tests/bench/build $(BENCH)

bench-tools: $(BUILD)/bench/minimal $(BUILD)/bench/compare $(BUILD)/bench/stream \
	$(B)/tests/tool_remove
$(BUILD)/bench/%: tests/bench/%.c $(FILTER)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE -I. -I$(GENERATED) -O2 $(WARN) -o $@ $<

# It runs in a container, where there is no libc.
$(BUILD)/bench/stream: tests/bench/stream.c
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE -O2 $(WARN) -static -o $@ $<

# ---- how the source looks -----------------------------------------------

layers:
	@tests/style/layers
headers: $(FILTER)
	$(Q)CC='$(CC)' tests/style/headers $(ALL_CFLAGS)

# clang-tidy's answers are kept: a file is looked at again when its object is
# made again. -O0: an optimising compiler sees tolower(3) as a macro, and what is
# in it would count as the caller's own nesting.
# Its walk through a function's paths ends after TIDY_NODES of them, clang's own
# 225000 take five times as long.
TIDY_NODES ?= 20000
tidy:
	@$(MAKE) --no-print-directory MODE=debug CC=clang tidy-all
TIDIED := $(patsubst %.c,$(BUILD)/tidy/%.ok,$(SRC) $(wildcard tests/*.c))
tidy-all: $(TIDIED)
$(BUILD)/tidy/%.ok: $(B)/%.o .clang-tidy
	$(call say,TIDY,$*.c)
	$(Q)mkdir -p $(@D)
	$(Q)clang-tidy --quiet $*.c -- $(ALL_CFLAGS) -O0 \
		-Xclang -analyzer-config -Xclang max-nodes=$(TIDY_NODES) >$@.log 2>&1 || \
		{ grep -v 'warnings generated' $@.log; exit 1; }
	$(Q)mv $@.log $@

FORMATTED = $(shell find runtime images lessons shell tests -name '*.[ch]')
format:
	clang-format -i $(FORMATTED)
format-check:
	@clang-format --dry-run --Werror $(FORMATTED)

compile_commands.json:
	bear -- $(MAKE) BUILD=$(BUILD)/bear MODE=debug CC=clang all tests

# ---- install, clean, help -----------------------------------------------

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/dockershell/base
	install -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/dockershell
	install -m 644 $(SHARE)/base/* $(DESTDIR)$(PREFIX)/share/dockershell/base/
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(PROGRAM_PATH) completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/dockershell
	$(PROGRAM_PATH) completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_dockershell
	$(PROGRAM_PATH) completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/dockershell.fish
	for f in $$(find lessons/[0-9]* lessons/tour lessons/grading lessons/paths.json \
		lessons/*.md -type f 2>/dev/null); do \
		install -D -m $$([ -x $$f ] && echo 755 || echo 644) $$f $(DESTDIR)$(PREFIX)/share/dockershell/$$f; done
	for f in $$(cd $(SHARE) && find locale -name '*.mo' 2>/dev/null); do \
		install -D -m 644 $(SHARE)/$$f $(DESTDIR)$(PREFIX)/share/dockershell/$$f; done

clean:
	$(call say,CLEAN,$(BUILD))
	$(Q)rm -rf $(BUILD) dockershell compile_commands.json

help:
	@echo 'make run        install what is missing, build, and open the prompt'
	@echo 'make test       install what is missing, build, and run all tests'
	@echo 'make            build ./dockershell'
	@echo 'make install    to $$(DESTDIR)$$(PREFIX), PREFIX is $(PREFIX)'
	@echo 'make clean      remove what was built'
	@echo
	@echo 'make unit       the unit tests;           make test-asan: under ASan and UBSan'
	@echo 'make test-vm    limits in a virtual machine that has version 2 of cgroups alone'
	@echo 'make fuzz       foreign input, made up;   FUZZ_SECONDS=20 for each kind'
	@echo 'make bench      how long a container takes to start; BENCH=--json'
	@echo 'make bench-build  what builds cost; BENCH=--json'
	@echo 'make coverage   which lines the unit tests reach'
	@echo 'make tidy       clang-tidy;               make format, make format-check'
	@echo 'make layers     who includes whom;        make headers: each compiles alone'
	@echo 'make compile_commands.json                for editors'
	@echo
	@echo 'MODE=release|debug|asan|coverage  CC=  CFLAGS=  LDFLAGS=  BUILD=build  V=1'
	@echo "make test ONLY='unit tests/cli/cp.bats' runs these tests"

FORCE:
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all share run test test-vm tests unit test-asan coverage fuzz fuzz-all bench \
	bench-build bench-tools \
	objects layers headers tidy tidy-all format format-check compile_commands.json \
	install clean help FORCE

-include $(OBJ:.o=.d) $(TESTS:=.d) $(TEST_TOOLS:=.d) $(FUZZERS:=.d) \
	$(HELPERS:.o=.d)
