# The examples in the help of every command run as they are; every command that shows
# something has its three forms. Both follow the table of commands.

load helpers

# Nothing is left of the command before.
clear_home() {
	[ -z "$(ls "$DOCKERSHELL_HOME/containers" "$DOCKERSHELL_HOME/volumes" \
		"$DOCKERSHELL_HOME/networks" 2>/dev/null | grep -v :)" ] || ds -c \
		'rm -f $(docker ps -aq) 2>&1; network prune -f; volume prune -f' >/dev/null
}

# What cannot end well at once, or needs somebody at the keyboard.
at_the_prompt() {
	case $1 in
	jobs | fg | bg | attach | exit) ;; # jobs are of the prompt
	"lesson test" | tour | demo) ;;    # all of them are tested elsewhere
	check | next | answer) ;;          # there is something to do first
	*) return 1 ;;
	esac
}

# Not 0, and yet it ran: doctor's status is its answer, and an account without cgroups
# is told that it has no limits.
is_an_answer() {
	[[ $1 == doctor* || $2 == *"can not be set, as your kernel does not support"* ]]
}

# One example; status 0.
try() {
	local said
	case $1 in
	*' -it '*) said=$(script -qec "'$DOCKERSHELL' -c '$1'" /dev/null <<<exit 2>&1) ;;
	*) said=$(EDITOR=true ds -c "$1" </dev/null 2>&1) ;;
	esac || is_an_answer "$1" "$said" || {
		printf '%s: status %s\n%s\n' "$1" "$?" "$said"
		return 1
	}
}

@test "all examples of all commands run as they are" {
	need_userns
	need_once
	local wrong=0 last='' name example
	while IFS=$'\t' read -r name example; do
		at_the_prompt "$name" && continue
		[ "$name" = "$last" ] || clear_home
		last=$name
		try "$example" || wrong=$((wrong + 1))
	done < <(ds help --json | python3 -c '
import json, sys
for cmd in json.load(sys.stdin)["commands"]:
    for example in cmd["examples"]:
        print(cmd["name"], example, sep="\t")')
	[ "$wrong" = 0 ]
}

# One JSON value, or one a line.
one_or_many() {
	python3 -c '
import json, sys
text = open(sys.argv[1]).read()
try:
    json.loads(text)
except ValueError:
    [json.loads(line) for line in text.splitlines()]' "$1"
}

# What to ask of a command ($1): its last example ($2), unless that shows too little
# here.
shown_by() {
	case $1 in
	port | top | diff) echo "$1 web" ;;
	stats) echo "stats --no-stream" ;;
	events) echo "events --since 10m --until 0s" ;;
	inspect | "container inspect") echo "$1 web" ;;
	history | "image inspect") echo "$1 busybox" ;;
	"network inspect") echo "$1 bridge" ;;
	"volume inspect") echo "$1 data" ;;
	"volume ls" | version | info | pwd | lang) echo "$1" ;;
	*) echo "$2" ;;
	esac
}

@test "what is shown is shown as JSON and one fact a line, too" {
	need_userns
	need_once
	local wrong=0 name line
	ds run -d --name web -p 127.0.0.1::80 busybox sleep 1000 >/dev/null
	ds exec web touch /tmp/hoge.txt
	ds run --name box -v data:/data busybox true
	ds network create mynet >/dev/null
	ds -c 'learn diff' >/dev/null </dev/null
	while IFS=$'\t' read -r name first line; do
		at_the_prompt "$name" && [ "$name" != check ] && continue
		line=$(shown_by "$name" "$line")
		ds --json -c "$line" </dev/null >json 2>said || [ -s json ] || {
			ds -c "$first" >/dev/null 2>&1 </dev/null || true
			ds --json -c "$line" </dev/null >json 2>said || true
		}
		ds --plain -c "$line" </dev/null >plain 2>>said || true
		one_or_many json 2>>said && [ -s json ] && [ -s plain ] || {
			echo "$line: $(head -c 300 json said)"
			wrong=$((wrong + 1))
		}
	done < <(ds help --json | python3 -c '
import json, sys
for cmd in json.load(sys.stdin)["commands"]:
    if cmd["shows"]:
        print(cmd["name"], *cmd["examples"], sep="\t")')
	[ "$wrong" = 0 ]
}
