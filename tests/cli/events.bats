# Events: what happened, and what happens.

load helpers

bats_require_minimum_version 1.5.0

actions() {
	ds events --since 1h --until 0s "$@" --format '{{.Action}}' | tr '\n' ' '
}

@test "a run's events are Docker's, in order" {
	ds run --rm --name web busybox sh -c 'exit 3' || :
	[ "$(actions)" = "create attach connect start die disconnect destroy " ] || {
		actions
		return 1
	}
	run ds events --since 1h --until 0s --filter event=die
	[[ $output =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{9}(Z|[+-][0-9]{2}:[0-9]{2})\ container\ die\ [0-9a-f]{64}\ \(exitCode=3,\ image=busybox,\ name=web\)$ ]]
}

@test "each step of a life is noted" {
	ds run -d --name web busybox sleep 1000 >/dev/null
	ds exec web true
	ds rename web site
	ds restart -t 0 site
	ds stop -t 0 site
	ds start site
	ds kill site
	ds rm site
	run actions --filter type=container
	expect_output "create start exec_create: true exec_start: true exec_die rename kill kill die stop start restart kill kill die stop start kill die destroy "
	run ds events --since 1h --until 0s --filter event=rename
	expect_in_output "name=site, oldName=/web)"
	run ds events --since 1h --until 0s --filter event=kill
	expect_in_output "signal=15)"
	expect_in_output "signal=9)"
}

@test "images are noted" {
	ds tag busybox foo:bar
	ds rmi foo:bar
	run actions --filter type=image
	expect_output "tag untag "
	run actions --filter image=foo
	expect_output "tag "
}

@test "filters choose" {
	id=$(ds run -d --name aa --label tier=1 busybox true)
	ds run --name bb busybox true
	ds wait aa >/dev/null
	run actions --filter container=aa
	expect_output "create start die "
	run actions --filter "container=${id:0:12}"
	expect_output "create start die "
	run actions --filter container=aa --filter container=bb --filter event=die
	expect_output "die die "
	run actions --filter label=tier=1 --filter event=start
	expect_output "start "
	run actions --filter image=busybox --filter event=create
	expect_output "create create "
	run actions --filter type=network --filter "network=bridge"
	expect_output "connect disconnect connect disconnect "
	run ds events --until 0s --filter nosuch=1
	expect_status 0 # Docker leaves out of account what it does not know
	run ds events --until 0s --filter nosuch
	expect_status 125
	expect_in_output 'invalid argument "nosuch" for "-f, --filter" flag: bad format of filter (expected name=value)'
}

@test "formats are templates and json" {
	ds run --name aa busybox true
	run ds events --since 1h --until 0s --filter event=die --format '{{.Type}} {{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}'
	expect_output "container aa 0"
	run ds events --since 1h --until 0s --filter event=die --format '{{json .}}'
	expect_in_output '{"status":"die","id":"'
	python3 -c 'import json,sys; e = json.loads(sys.argv[1]); assert e["Actor"]["Attributes"]["name"] == "aa"' "$output"
	whole=$output
	run ds events --since 1h --until 0s --filter event=die --format 'it: {{json .}}'
	expect_output "it: $whole"
	run ds events --until 0s --format '{{.Nosuch}}'
	expect_status 64
	expect_in_output "Error parsing format: template: "
}

@test "times bound it" {
	start=$(date +%s.%N)
	ds run --rm busybox true
	end=$(date +%s.%N)
	ds run --rm busybox true
	run ds events --since "$start" --until "$end" --format '{{.Action}}'
	[ "${#lines[@]}" = 7 ]
	run ds events --since "$end" --until "$start"
	expect_status 1
	expect_in_output 'cannot be after `until` time'
	run ds events --since 1h --until 2h
	[[ $output =~ since.\ time\ \([0-9]+\)\ cannot ]] # an age is sent in seconds
}

@test "they are shown as they happen, and only those" {
	ds run --rm --name before busybox true
	timeout 20 "$DOCKERSHELL" events --format '{{.Actor.Attributes.name}} {{.Action}}' >live &
	watcher=$!
	said() { grep -q "$1" live; }
	# It may not watch yet: until it has said something, something happens.
	wait_for 10 eval 'ds tag busybox x:y; said "x:y tag"'
	ds run --rm --name after busybox true
	wait_for 5 said "after destroy"
	kill "$watcher"
	if grep before live; then return 1; fi
	[ "$(grep -c after live)" = 5 ]
}
