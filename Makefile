# dockershell - see `make help`

MODE ?= release
B := build/$(MODE)
CC ?= gcc
PACKAGES := readline libcap libnl-3.0 libnl-route-3.0 libseccomp libarchive libcrypto jansson sqlite3 lua5.4
WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wcast-qual -Wundef -Wvla -Wformat=2 -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference -Wno-missing-field-initializers
CFLAGS_ALL := -std=gnu17 -D_GNU_SOURCE -I. -O2 -g $(WARN) $(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS)
LIBS := $(shell pkg-config --libs $(PACKAGES)) -lm -ldl

SRC := $(wildcard runtime/base/*.c runtime/*.c images/*.c lessons/*.c shell/*.c)
OBJ := $(SRC:%.c=$(B)/%.o)
TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))

all: dockershell
dockershell: $(OBJ)
	$(CC) -o $@ $(OBJ) $(LDFLAGS) $(LIBS)
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
$(B)/tests/test_%: $(B)/tests/test_%.o $(filter-out $(B)/shell/main.o,$(OBJ))
	$(CC) -o $@ $^ $(LDFLAGS) $(LIBS) -lcmocka
unit: $(TESTS)
	@set -e; for t in $(TESTS); do $$t; done
-include $(OBJ:.o=.d)
.DELETE_ON_ERROR:
.PHONY: all unit
