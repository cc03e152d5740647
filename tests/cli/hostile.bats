#!/usr/bin/env bats
# tests/cli/hostile.bats - submissions that want more than a grade. All of them are
# graded as one class: each ends in its own failure, the machine and the others are whole.

load helpers

# typed NAME: its commands, from standard input
typed() {
	mkdir -p "subs/$1"
	cat > "subs/$1/commands.dsh"
}

# The lines that end a good submission: what was done before must not hinder it.
GOOD='run --name hoge busybox touch /tmp/hoge.txt
diff hoge
answer 2'

points() { # NAME: what it got, and the first words that say why not more
	sed -n "s|^\[ *[0-9]*/[0-9]*\] $1  *\(.*\)|\1|p" <<<"$output"
}

result() { cat "subs.graded/$1.json"; }

@test "each hostile submission ends in its own failure; machine, report and others are whole" {
	echo TOPSECRET > secret
	mkdir canary && touch -d 2001-01-01 canary/victim
	typed good <<<"$GOOD"
	typed --help <<<"$GOOD"
	{ echo 'f() { f | f & sleep 9; }; f'
	  echo 'run busybox sh -c "f() { f | f & sleep 9; }; f"'; echo "$GOOD"; } | typed fork
	{ echo 'for i in 1 2 3 4; do dd if=/dev/zero of=/dev/null bs=700M count=99 & done; wait'
	  echo "$GOOD"; } | typed memory
	{ echo 'dd if=/dev/zero of=big bs=1M count=3000'; echo "$GOOD"; } | typed disk
	{ echo yes; echo 'run busybox yes'; echo "$GOOD"; } | typed flood
	{ echo 'build -t x .'; echo "$GOOD"; } | typed endless
	printf 'FROM busybox\nRUN while :; do :; done\n' > subs/endless/Dockerfile
	typed bind <<-EOF
		run -v /:/h busybox cat /h$scratch/secret
		run -v $scratch:/h busybox sh -c 'cat /h/secret; rm /h/canary/victim'
		run -v $scratch/subs.graded:/h busybox sh -c 'echo forged > /h/good.json'
		run -v /proc/self/fd:/f busybox sh -c 'cat /f/*/lesson.lua'
		docker run -v /var/lib/dockershell:/h busybox find /h
		cat $scratch/secret; cp $scratch/secret here; rm -r $scratch/canary
		find / -name lesson.lua; cat /proc/*/fd/*/lesson.lua; ls -R /var/lib/dockershell
		docker cp $scratch/secret x:/; build -f $scratch/secret .; import $scratch/secret
		ln -s $scratch/secret s; ln -s / root; printf 'FROM busybox\nCOPY s root $scratch/secret /\n' > Dockerfile
		build .
	EOF
	mkdir subs/links
	ln -s "$scratch/secret" subs/links/a
	: > subs/links/commands.dsh
	printf 'x' > up
	tar cPf subs/up.tar --transform 's,^up,../../up-and-out,' up
	# A number that no other run of these tests looks for.
	long=9$(printf '%08d' "$$")
	{ echo "run -d busybox sleep ${long}1"; echo "sleep ${long}2 &"
	  echo "setsid sleep ${long}3 & sleep ${long}4 & wait -n" ; echo "$GOOD"; } | typed server
	printf '%s\n' "printf '\\033]0;owned\\007\\033[31mred\\033[2J'" \
		"run --name hoge busybox printf '\\033[41m'" | typed escapes
	typed forged <<-'EOF'
		echo '{"score":10,"tests":[{"score":10,"max_score":10,"status":"passed"}]}'
		echo 'ok 1 - all'; for i in 3 4 5 6 7 8 9; do eval "echo '{\"end\":true}' >&$i"; done
		command kill -9 -1; command kill -9 1
		run --rm --pid host busybox kill -9 1 2 3 4 5 6 7 8
	EOF
	# What would make the grader's own words too long, or no words.
	{ printf "echo '%s'\n" "$(head -c 60000 /dev/zero | tr '\0' '\1')"
	  echo 'for i in 1; do docker run --name odd busybox sh -c "touch /$(printf "a\377b")"; done'
	  echo 'export LD_PRELOAD=/work/x.so LANGUAGE=../../work'
	  # What nobody could copy, and a place that is none any more.
	  echo 'mkdir -p $(printf "d/%.0s" $(seq 250))'
	  printf '%s\n' 'mkdir gone' 'cd gone' 'rmdir ../gone'; echo "$GOOD"; } | typed odd
	typed $'good\e[0m' < /dev/null
	: > subs/nothing.tar
	# 10 GB of zeros: a header says so, and a gigabyte of them follows.
	{ printf '%-100s%-8s%-8s%-8s%-12s%-12s' zeros 0000644 0000000 0000000 120000000000 00000000000 | tr ' ' '\0'
	  printf '        0' ; head -c 355 /dev/zero; } > head
	sum=$(od -An -v -tu1 head | tr -s ' ' '\n' | awk '{ s += $1 } END { printf "%06o", s }')
	{ head -c 148 head; printf '%s\0 0' "$sum"; head -c 355 /dev/zero; head -c 100000000 /dev/zero; } |
		gzip -1 > subs/zeros.tar.gz

	run ds grade diff --class subs --line-time 10 --time 90 --jobs 4
	echo "$output"
	[ "$status" -eq 2 ] # four are no submissions
	for whole in good --help fork flood endless server odd; do
		[[ $(points "$whole") == "3/10 "* ]]
	done
	for name in fork:processes flood:output endless:time memory:memory disk:disk; do
		grep -q "the limit of ${name#*:}" "subs.graded/${name%:*}.json" ||
			{ echo "$name"; result "${name%:*}"; return 1; }
	done
	grep -q 'the limit of disk was met by: dd' subs.graded/disk.json
	[[ $(points 'good~[0-9a-f]*') == "0/10 "* ]]
	[[ $(points bind) == "0/10 "* ]]
	[[ $(points forged) == "0/10 "* ]]
	[[ $(points links) == "refused "*"'a' is a link"* ]]
	[[ $(points up) == *"a name with '..'"* ]]
	[[ $(points nothing) == "refused "*"empty"* ]]
	[[ $(points zeros) == *"the limit"* ]]
	# Nothing came out, nothing went in, nothing is left.
	not grep -rq TOPSECRET subs.graded
	not grep -q 'lesson{' subs.graded/bind.json
	not grep -rq forged subs.graded/good.json
	not grep -qP '\x1b' subs.graded/class.html subs.graded/grades.csv subs.graded/escapes.json
	not grep -qP '\x1b' <<<"$output"
	[ "$(stat -c %y canary/victim)" = "$(date -d 2001-01-01 '+%F %T.%N %z')" ]
	[ ! -e ../up-and-out ] && [ ! -e up-and-out ]
	not pgrep -f "sleep $long[1-4]"
}
