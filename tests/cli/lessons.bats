#!/usr/bin/env bats
# tests/cli/lessons.bats - lessons, proved as their authors prove them.

load helpers

@test "the lesson of the authors' guide is proved as it stands" {
	mkdir -p mine/30-mine
	awk '/^```(lua|markdown) [a-z.]+\.(lua|md)$/ { f = "mine/30-mine/" $2; next }
	     /^```$/ { f = "" }
	     f { print > f }' "$root/lessons/AUTHORS.md"
	run ds --lessons mine lesson test mine --seeds 1
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"0 failed"* ]]
}

@test "every kind of goal, and all that w offers, works in a real world" {
	run ds --lessons "$root/tests/lessons" lesson test kinds --seeds 1
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"0 failed"* ]]
}
