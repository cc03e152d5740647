#!/usr/bin/env bats
# tests/cli/grade.bats - work is handed in, done once more apart, and judged.

load helpers

# A lesson of two steps with a hidden goal, an answer and a file that is edited between
# two builds.
lesson() {
	mkdir -p lessons/40-small/files
	cat > lessons/40-small/lesson.lua <<-'EOF'
		lesson{ format = 1, id = "small", needs = {}, minutes = 1, points = 7 }
		var.token = token(6)
		step{ id = "box", points = 3,
		  setup = function(w) w:write("task.txt", "%{token}\n") end,
		  goals = {
		    container{ id = "ran", name = "box", exit = 0 },
		    file{ id = "word", after = "ran", container = "box", path = "/word",
		      has = "%{token}" },
		    answer{ id = "pid", after = "ran", visibility = "hidden", right = 7 },
		  } }
		step{ id = "build", points = 4,
		  goals = {
		    image{ id = "one", tag = "one" },
		    image{ id = "two", tag = "two", user = "app" },
		    file{ id = "own", work = true, path = "site/Dockerfile", has = "USER" },
		    container{ id = "kept", name = "box", hold = true },
		  } }
	EOF
	printf '%s\n' --- 'revision: 1' --- '## @lesson Small' '' Small. '' \
		'## @step box A box' '' Do. '### @goal box/pid' 'A hidden one' '### @ask box/pid' \
		'A number?' '### @done box' Done. '## @step build A build' '' Do. \
		'### @done build' Done. > lessons/40-small/text.en.md
}

grade() {
	ds --lessons "$scratch/lessons" grade small "$@"
}

@test "honest work is packed, and graded as it was done, files between commands and all" {
	lesson
	ds --lessons "$scratch/lessons" <<-'EOF' >said
		learn small
		run --name box busybox sh -c "echo $(cat task.txt) > /word"
		next
		mkdir site
		echo FROM busybox > site/Dockerfile
		build -t one site
		echo USER app >> site/Dockerfile
		build -t two site
		submit --name 'Ada L'
		submit --name 'Ada L' --out given.tar
	EOF
	grep -q "Packed of lesson 'small': 6 commands, 2 files" said
	not grep -q "hidden one" said
	# where the learner came from: not among what is packed
	cmp small.submission.tar given.tar
	grep -q "Hand in this file: $scratch/given.tar" said
	cp small.submission.tar first.tar
	ds --lessons "$scratch/lessons" submit small --name "Ada L" --out again.tar
	cmp first.tar again.tar
	run ds --lessons "$scratch/lessons" grade small --submission first.tar --format json --out r.json
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"6 of 7 points"* ]]
	[[ $output == *"not met"*"0/1"*"A hidden one"* ]]
	run ds --lessons "$scratch/lessons" grade small --submission first.tar --format json
	[ "$(sed 's/"[a-z]*_ns": *[0-9]*//' <<<"$output")" = \
		"$(sed 's/"[a-z]*_ns": *[0-9]*//' r.json)" ]
	[[ $(cat r.json) == *'"student": "Ada L"'* ]]
	not grep -q 'recorded\|packed\|chain' r.json
	# What came too early is tried again, and told once.
	mkdir early
	printf '%s\n' '# step box' "run -d --name box busybox sh -c 'sleep 1; touch /up; sleep 99'" \
		'# 2026-01-01T00:00:00Z exit 0, 5 ms' 'exec box ls /up' > early/commands.dsh
	run ds --lessons "$scratch/lessons" grade small --submission early --format json
	[ "$(grep -c 'exec box' <<<"$output")" -eq 2 ]
	[[ $output != *"No such file"* ]]
	# Handed in by one who changed a line afterwards.
	mkdir t
	tar xf first.tar -C t
	sed -i 's/^run --name box/run --name bax/' t/commands.dsh
	run ds --lessons "$scratch/lessons" grade small --submission t --strict
	[ "$status" -eq 1 ]
	[[ $output == *"differs at command 1"* ]]
	[[ $output == *"no container 'box'"* ]]
}

@test "a folder with an empty commands.dsh is graded: every goal fails with its reason" {
	lesson
	mkdir ann
	: > ann/commands.dsh
	run grade --submission ann
	[ "$status" -eq 0 ]
	[[ $output == *"0 of 7 points"* ]]
	[[ $output == *"no container at all"* ]]
	run grade --submission ann --strict --format tap
	[ "$status" -eq 1 ]
	[[ $output == "TAP version 14"* ]]
	run grade --submission nobody
	[ "$status" -eq 2 ]
	run ds grade diff --submission ann --format tap --format nonsense
	[ "$status" -eq 2 ]
	# A machine that lets no containers be made: that is the grader's fault, in a
	# report that is valid.
	run without_userns "$DOCKERSHELL" --home "$scratch/none" grade diff --submission ann \
		--format gradescope --out r.json --format tap
	[ "$status" -eq 2 ]
	[[ $output == *"Bail out! could not be graded; the grader's fault: "* ]]
	[[ $(cat r.json) == *"has to be graded again"*'"max_score": 0'* ]]
	# So is a lesson that is not there, or an option that is none: whoever called it
	# finds a report, and the reason in it.
	run ds grade nowhere --submission ann --format gradescope --out none.json --format tap
	[ "$status" -eq 2 ]
	[[ $output == *"Bail out! could not be graded; the grader's fault: there is no lesson 'nowhere'"* ]]
	[[ $(cat none.json) == *"there is no lesson 'nowhere'"*'"max_score": 0'* ]]
	# Of two that have the same usual name none replaces the other.
	run ds grade diff --submission ann --format gradescope --format exercism --out .
	[ "$status" -eq 2 ]
	[[ $output == *"two reports would be the file './results.json'"* ]]
	run ds grade diff --submission ann --lang xx --format json --out none.json
	[ "$status" -eq 2 ]
	[[ $(cat none.json) == *'"fault": "grader"'*"--lang: "* ]]
}

@test "the learner's form of a step is graded; what only their machine had is no zero" {
	lesson
	cat >> lessons/40-small/lesson.lua <<-'EOF'
		step{ id = "with", only_if = "image:spare", goals = { image{ id = "x", tag = "x" } } }
		step{ id = "bare", unless = "image:spare", goals = { image{ id = "x", tag = "x" } } }
	EOF
	printf '%s\n' '## @step with W' '' W. '### @done with' D. '## @step bare B' '' B. \
		'### @done bare' D. >> lessons/40-small/text.en.md
	mkdir had lacked
	printf '# machine image:spare\n# step with\ntag spare:1 x\n' > had/commands.dsh
	printf '# machine\n# step bare\ntag busybox x\n' > lacked/commands.dsh
	run grade --submission had
	[ "$status" -eq 2 ]
	[[ $output == *"in error"*"no image 'spare' here"*"then grade again"* ]]
	ds tag busybox spare:1
	run grade --submission had
	[ "$status" -eq 0 ]
	[[ $output == *$'\nW\n  met '* ]]
	run grade --submission lacked
	[ "$status" -eq 0 ]
	[[ $output == *$'\nB\n  met '* ]]
	# What its own files stand in the way of is no fault of the grader's.
	mkdir lessons/41-way own
	cat > lessons/41-way/lesson.lua <<-'EOF'
		lesson{ format = 1, id = "way", needs = {}, minutes = 1, points = 2 }
		step{ id = "one", points = 1, goals = { image{ id = "x", tag = "x" } } }
		step{ id = "two", points = 1, setup = function(w) w:write("dir/a", "a") end,
		  goals = { image{ id = "x", tag = "y" } } }
	EOF
	printf '%s\n' --- 'revision: 1' --- '## @lesson Way' '' W. '## @step one O' '' O. \
		'### @done one' D. '## @step two T' '' T. '### @done two' D. > lessons/41-way/text.en.md
	printf '%s\n' 'echo x > dir' 'tag busybox x' 'tag busybox y' > own/commands.dsh
	run ds --lessons "$scratch/lessons" grade way --submission own
	expect_status 0
	expect_in_output "1 of 2 points"
	expect_in_output "the step could not begin: "
}

@test "a class: at once, kept, in shards, merged; one that is broken harms no other" {
	lesson
	mkdir -p subs/ann subs/bob subs/eve "subs/-rf"
	: > subs/ann/commands.dsh
	echo 'run --name box busybox true' | tee subs/bob/commands.dsh >"subs/-rf/commands.dsh"
	ln -s /etc/passwd subs/eve/files
	mkdir tmp
	export TMPDIR=$scratch/tmp
	run grade --class subs
	echo "$output"
	[ "$status" -eq 2 ]
	[ "$(grep -c '^\[' <<<"$output")" -eq 4 ]
	[[ $output == *"'files' is a link"*"ask for another one:"*eve* ]]
	not grep -q "to be graded again" <<<"$output"
	[ -s subs.graded/class.html ]
	[ "$(wc -l < subs.graded/grades.csv)" -ge 4 ]
	run grade --class subs
	[ "$(grep -c 'from before' <<<"$output")" -eq 4 ]
	echo 'run --name bix busybox true' > subs/ann/commands.dsh
	rm -r subs/eve
	run grade --class subs
	[ "$status" -eq 0 ]
	[ "$(grep -c 'from before' <<<"$output")" -eq 2 ]
	grade --class subs --results a --shard 1/2 --format json --out a.json
	grade --class subs --results b --shard 2/2 --format json --out b.json
	run ds grade --merge a b.json --class subs --format csv
	[ "$status" -eq 0 ]
	[ "$(grep -c small <<<"$output")" -eq 3 ]
	run ds grade --merge a --class subs
	[ "$status" -eq 2 ]
	[ -z "$(ls -A tmp)" ]
}
