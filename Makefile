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

WITHOUT_BUILD := run test help clean format format-check layers distclean
ifneq ($(filter-out $(WITHOUT_BUILD),$(or $(MAKECMDGOALS),all)),)
include $(BUILD)/packages.mk
endif

$(BUILD)/packages.mk: Makefile tests/package/flags
	$(call say,ASK,pkg-config)
	$(Q)tests/package/flags $(BUILD) "$(PACKAGES)" "$(HEADERS_ONLY)"

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
CFLAGS_release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
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
	$(addprefix runtime/base/,buf.c err.c fs.c)

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

# Changes when the compiler or its flags do, and makes everything anew then.
$(B)/command: FORCE
	@mkdir -p $(@D)
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

# ---- tests --------------------------------------------------------------

TEST_SRC := $(wildcard tests/test_*.c)
TESTS := $(TEST_SRC:%.c=$(B)/%)

tests: $(TESTS)
unit: $(TESTS)
	$(Q)failed=; for t in $(TESTS); do $$t || failed="$$failed $$t"; done; \
	test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

$(TESTS): %: %.o $(B)/tests/test.o $(PARTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

test-asan:
	$(Q)$(MAKE) --no-print-directory MODE=asan unit

# ---- the rest -----------------------------------------------------------

clean:
	$(call say,CLEAN,$(BUILD))
	$(Q)rm -rf $(BUILD) dockershell compile_commands.json

FORCE:
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all share tests unit test-asan clean FORCE

-include $(OBJ:.o=.d) $(TESTS:=.d) $(B)/tests/test.d
