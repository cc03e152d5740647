#!/usr/bin/env bats
# tests/cli/doctor.bats - doctor: what the machine can do. What is said of each fault
# is tests/test_probe.c's.

load helpers

# json EXPRESSION: of what doctor said, as `d`; an item by its id is i["limits"]
json() {
	python3 -c "import json, sys
d = json.loads(sys.argv[1])
i = {item['id']: item for item in d['items']}
print($1)" "$output"
}

@test "doctor answers first, ends with one thing to do, and leaves nothing" {
	run ds doctor
	[ "$status" -le 1 ]
	if [ "$status" = 0 ]; then
		[ "${lines[0]}" = "Everything works on this machine." ]
	else
		[[ ${lines[0]} == "Containers run here, but "* ]]
	fi
	local last=${output##*$'\n\n'} # bats' run drops the last newline
	[[ $last == "Next: "* ]]
	[ ! -e "$DOCKERSHELL_HOME" ]
	[ -z "$(ls -A "$scratch")" ]
}

@test "what doctor says works does work" {
	run ds doctor --json
	[ "$(json 'i["userns"]["state"]')" = ok ]
	[ "$(json 'i["networks"]["state"]')" = ok ]
	[ "$(json 'd["facts"]["uid"]')" = "$(id -u)" ]
	local ids
	ids=$(json 'i["ids"]["state"]')
	if has_many_ids; then
		[ "$ids" = ok ]
	else
		[ "$ids" = less ]
	fi
	run ds run --rm busybox echo hello
	expect_output hello
}

@test "doctor judges the facts of another machine, in colourless words and any width" {
	cat >facts <<-'END'
		root=0
		kernel_error=0
		userns_error=0
		cap_error=1
		apparmor=1
		program=/usr/local/bin/dockershell
		cgroups=
		way_out=
	END
	COLUMNS=60 run ds doctor --facts facts
	expect_status 1
	[[ ${lines[0]} == "No container can run here yet"* ]]
	expect_in_output "NO    AppArmor"
	expect_in_output "less  way out"
	expect_in_output "sudo apt install passt"
	expect_in_output "sudo apparmor_parser -r /etc/apparmor.d/dockershell"
	[ -z "$(printf '%s' "$output" | LC_ALL=C tr -dc '\033')" ]
	# Only what stands in quotes cannot be broken.
	[ "$(grep -v "'" <<<"$output" | awk 'length > 60' | wc -l)" -eq 0 ]

	run ds doctor --facts facts --plain
	expect_status 1
	expect_in_output $'\nAppArmor: NO: '
	expect_in_output $'\nway out is mended by: sudo apt install passt\n'

	run ds doctor --facts facts --json
	expect_status 1
	[ "$(json 'd["state"]')" = no ]
	[ "$(json 'i["way-out"]["mend"][0]')" = "sudo apt install passt" ]
}

@test "doctor works where the store cannot be, and says where it can" {
	run env DOCKERSHELL_HOME=/proc/none "$DOCKERSHELL" doctor
	expect_status 1
	[[ ${lines[0]} == "No container can run here yet"* ]]
	expect_in_output "export DOCKERSHELL_HOME=/var/tmp/dockershell-$(id -u)"

	echo nonsense=1 >facts
	run ds doctor --facts facts
	expect_status 1
	expect_in_output "'nonsense=1' is no fact"
}
