#!/usr/bin/env bats
# tests/cli/graded_lessons.bats - a lesson's own solution is worth all its points where it
# is graded, too.

load helpers

# Lessons with something of their own in it: programs of the machine, a limit of memory. In
# views it is numbers of processes, in intermediate ids of images: LESSONS="..." names others.
lessons=${LESSONS:-base-image safety}

@test "a lesson's own solution, kept as a submission, is graded with all points" {
	need_once
	ds lesson test --seeds 1 --keep kept $lessons
	for lesson in $lessons; do
		run ds grade "$lesson" --submission "kept/$lesson.1"
		expect_status 0
		grep -qE '^([0-9]+) of \1 points in' <<<"$output" || {
			echo "$output"
			return 1
		}
	done
}
