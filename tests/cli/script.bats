# dockershell FILE, -c, and a script on standard input.

load helpers

@test "each line finds what the lines before it set: variables, words, functions, set, folder" {
	cat >script <<'END'
#!/usr/bin/env dockershell
# a comment, and an empty line

A=5
B="$A $A" C=`echo x`
echo "$0 $# $1: $B, $C"
unset A
echo "<$A>"
export D="$(echo made here)" E=2
echo "$D $E"
sh -c 'echo "$E"'
id=$(run -d --name web busybox sleep 100)
echo "${#id} $(ps -q --no-trunc | grep -c "$id")"
greet() {
	echo "hello $1 $(ps -q | wc -l)"
}
greet you
alias twice='echo twice'
twice over
cd "$2"
pwd
cd - >/dev/null; pwd
for i in 1 2; do
	echo "$i of $#"
done
rm -f web | cat
printf '1\n2\n' | while read -r n; do
	echo "got $n"
done
test -d /nosuch || {
	echo none
}
own()
{
	echo "own $1"
}
apart() (
	cd /
	pwd
)
own word && apart
cat <<EOF
$1 $B
EOF
END
	mkdir 'a folder'
	run ds script one 'a folder'
	expect_status 0
	expect_output "script 2 one: 5 5, x
<>
made here 2
2
64 1
hello you 1
twice over
$scratch/a folder
$scratch
1 of 2
2 of 2
web
got 1
got 2
none
own word
/
one 5 5"
}

@test "what a line leaves behind is there in the next: read, for, set --, shift, umask, IFS" {
	cat >script <<'END'
read v <<E
hi  there
E
set -- a "b c"
echo "$v; $# $2"
shift
for i in 1 2; do x="it's $i"; done
echo "$1 $#; $x"
umask 027; IFS=:
umask
read p q <<E
1:2 3
E
echo "$p,$q"
PATH=/nosuch:$PATH; unset x
case $PATH in */run/bin:/nosuch:*) echo "one $x";; esac
ulimit -n 200
ulimit -n
. ./more
echo "$more"
cd / && z=5
echo "$z $PWD"
END
	printf '%s\n' 'more="two' 'lines"' >more
	run ds script
	expect_status 0
	expect_output "hi  there; 2 b c
b c 1; it's 2
0027
1,2 3
one 
200
two
lines
5 /"
	run ds -c 'cd /; lang ja && pwd || echo no; false && pwd; cd /nosuch || exit 4; echo never'
	expect_status 4
	[[ $output == /$'\n'* && $output != *never* && $output != *"not found"* ]]
	run ds -e -c 'false && pwd; cd /; pwd; cd /nosuch; echo never'
	expect_status 1
	[[ $output == /$'\n'* && $output != *never* ]]
}

@test "a failure does not end it, -e and set -e do, and || true lets it go on" {
	printf '%s\n' 'false' 'run --rm busybox false || true' 'echo on' 'rmi nosuch' 'echo end' >script
	run ds script
	expect_status 0
	expect_output "on
Error: No such image: nosuch
end"
	run ds -e script
	expect_status 1
	expect_output "dockershell: script: line 1: stopped: status 1
  '|| true' behind a line lets a script go on"
	sed -i '1s/.*/set -eu/' script
	run ds script
	expect_status 1
	expect_in_output "script: line 4: stopped: status 1"
	run ds -e -c 'for i in 1 2; do run --rm busybox sh -c "exit $i"; echo no; done'
	expect_status 1
	expect_output ""
	run ds -e -c 'if false; then :; fi; ! true || false || echo reached'
	expect_output "reached"
}

@test "a line finds the status of the line before, also under set -e" {
	cat >script <<'END'
false
echo "one $?"
run --rm --network none busybox sh -c 'exit 4'
if [ $? = 4 ]; then echo two; fi
f() { return 5; }
f
x=$?
echo "three $x $?"
set -e
! true
echo "four $?"
false && true
echo five
(exit 6)
echo never
END
	run ds script
	expect_status 6
	expect_output "one 1
two
three 5 0
four 1
five"
}

@test "a script that is not there, a folder, a program or another shell's is said to be" {
	run ds ./nosuch
	expect_status 127
	expect_output "dockershell: cannot read the script ./nosuch: No such file or directory"
	run ds "$scratch"
	expect_status 126
	expect_in_output "Is a directory"
	run ds /bin/sh
	expect_status 126
	expect_output "dockershell: cannot read the script /bin/sh: Exec format error"
	# Once, however many of its lines are not sh's; -e is heeded all the same.
	printf '%s\n' '#!/usr/bin/env bash' '[[ -n $1 ]] && true' '[[ -n $1 ]] && true' 'set -euo pipefail' \
		'echo not reached' >script
	run ds script
	expect_status 2
	[ "$(grep -c "script is written for bash" <<<"$output")" = 1 ]
	[[ $output == *"'bash script' runs it"* && $output != *"not reached"* ]]
}

@test "exit ends a script, also within a line of sh, so does what sh cannot read; trap ... EXIT is heard" {
	printf '%s\n' "trap 'echo bye' EXIT" 'test -d /nosuch || exit 4' 'echo not reached' >script
	run ds script
	expect_status 4
	expect_output "bye"
	cat >script <<'END'
HOME=/h; at=~ also=a:~/x
export by=~
trap "echo bye $at; echo \$late" EXIT INT
late=later
echo "$at $also $by"
x=1; sleep 0.1 &
echo "x $x"
wait
trap 'echo other' TERM 0
trap - EXIT
echo end
END
	run ds script
	expect_status 0
	expect_output "/h a:/h/x /h
x 1
end"
	sed -i 's/^trap - .*/trap -- "echo $x" EXIT/' script
	run ds script
	expect_status 0
	expect_output "/h a:/h/x /h
x 1
end
1"
	printf '%s\n' 'echo a' 'exit 6' 'echo b' >script
	run ds script
	expect_status 6
	expect_output "a"
	run ds -c 'set -u
echo "$NOT_SET"
echo not reached'
	expect_status 2
	[[ $output == *NOT_SET* && $output != *"not reached"* ]]
	# What sh cannot read ends it, too.
	printf '%s\n' 'echo a' 'sh -c "exit 2"' 'echo ) b' 'echo not reached' >script
	run ds script
	expect_status 2
	[[ $output == a*" 3: "*yntax* && $output != *"not reached"* ]]
}

@test "errors name the line, as ours and as sh's own" {
	printf '%s\n' '# one' 'frobnicate' "echo 'three" "four'" 'if true; then' '  nosuchword | cat' 'fi' \
		'ps -q | nosuchword' 'ps --bad' >script
	run ds script
	expect_in_output "dockershell: script: line 2: 'frobnicate' is no command"
	expect_in_output "script: 6: nosuchword: "
	expect_in_output "script: 8: nosuchword: "
	expect_in_output "unknown flag: --bad"
	run ds -c 'echo hi
frobnicate'
	expect_in_output "dockershell: -c: line 2: 'frobnicate' is no command"
	printf '%s\n' 'echo a' '' 'echo "x' 'ps -q' >script
	run ds script
	expect_status 2
	expect_in_output "dockershell: script: line 3: the line is not whole"
	run ds nosuchscript
	expect_status 127
	run ds ./nosuchscript
	expect_status 127
}

@test "the status of a line: 125 ours, 126, 127, 128+n, the program's own" {
	run ds -c 'run --nonsense busybox
echo $?'
	for line in '125 run --rm nosuch true' '125 run --rm --name / busybox true' '126 run --rm busybox /etc' \
		'127 run --rm busybox nosuch' '37 run --rm busybox sh -c "exit 37"' \
		'143 sh -c "kill -TERM \$\$"' '127 frobnicate' '3 exit 3' '1 false'; do
		run ds -c "${line#* }"
		[ "$status" = "${line%% *}" ] || {
			echo "$line: $status"
			return 1
		}
	done
}

@test "a script on standard input shares it with its commands" {
	run ds <<<'echo one
cat
for the cat'
	expect_output "one
for the cat"
	run ds -c 'echo $0 $1' name word
	expect_output "name word"
	run ds -c ''
	expect_status 0
	run ds </dev/null
	expect_status 0
	run sh -c '"$0" <&-' "$DOCKERSHELL"
	expect_status 0
	# Nor does a command need one.
	run sh -c '"$0" run --rm --network none busybox echo hi <&- 2>&-' "$DOCKERSHELL"
	expect_status 0
	expect_output "hi"
}

@test "docker in a line of sh is this program, also when its file is gone or another one" {
	cp "$DOCKERSHELL" gone
	run ./gone -c '/bin/rm gone
docker ps | wc -l
/bin/cp "$DOCKERSHELL" gone
docker ps | wc -l'
	expect_status 0
	expect_output "1
1"
	[ "$(readlink "$DOCKERSHELL_HOME/run/bin/docker")" = "$PWD/gone" ]
}

@test "what cannot be written is a failure, a reader that leaves is none" {
	run sh -c '"$0" help | head -1' "$DOCKERSHELL"
	expect_status 0
	run sh -c '"$0" version >/dev/full' "$DOCKERSHELL"
	expect_status 1
	expect_output "dockershell: write the output: No space left on device"
	run sh -c '"$0" run --rm --network none busybox echo hi >/dev/full' "$DOCKERSHELL"
	expect_status 1
	expect_output "dockershell: write the output: No space left on device"
	run env -u DOCKERSHELL_HOME -u XDG_DATA_HOME HOME=/nosuch "$DOCKERSHELL" -c 'echo works | cat'
	[ "$(id -u)" = 0 ] || expect_output "works"
}

@test "a thousand lines that do nothing take less than their second" {
	yes true | head -20000 >script
	run timeout 20 "$DOCKERSHELL" script
	expect_status 0
	yes 'cd .' | head -20000 >script
	run timeout 20 "$DOCKERSHELL" script
	expect_status 0
}

# A state file that happens to be opened as the very descriptor that sh tells it by.
@test "what a line sets is there in the next one, however many descriptors are open" {
	for n in 3 4 5 6 7 8; do
		eval "run ds -c 'v=kept && true
		echo \"\$v\"' $(seq -f '%g</dev/null' -s ' ' 3 "$n")"
		expect_output kept
	done
}
