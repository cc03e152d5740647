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
	ds lesson new 40-begun "$PWD/not/there/yet" # the first line of the guide
	run ds --lessons not/there/yet lesson lint begun
	[ "$output" = "begun: nothing to mend" ]
}

@test "every kind of goal, and all that w offers, works in a real world" {
	run ds --lessons "$root/tests/lessons" lesson test kinds --seeds 1
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"0 failed"* ]]
}

@test "a text may tell of the learner's own lines, and what a check says counts most; a lesson that is done is not gone on with" {
	mkdir -p mine/31-own
	cat > mine/31-own/lesson.lua <<-'EOF'
		lesson{ format = 1, id = "own", needs = {}, minutes = 1, points = 2 }
		var.said = "the lesson's"
		step{ id = "one", points = 2,
		  show = function(w)
		    local first = w:lines()[1]
		    return { line = first and first.line or "none",
		             timed = first and first.ms >= 0 and "timed" or "no" }
		  end,
		  goals = {
		    custom{ id = "looked", check = function(w, c)
		      if not w:has_typed("images") then c:fail("not", { said = "its own" }) end
		    end },
		    answer{ id = "ask", after = "looked", choices = 2, right = 1 } },
		  solve = { function(w) w:type("images") w:type("answer 1") end } }
	EOF
	printf '%s\n' --- 'revision: 1' --- '## @lesson Own' '' Own. '' '## @step one One' '' \
		'Do it.' '### @goal one/looked' 'Looked' '### @msg one/not' 'This is %{said}.' \
		'### @ask one/ask' '1. One.' '2. Two.' '### @done one' \
		'It was %{timed}: %{line}' > mine/31-own/text.en.md
	run ds --lessons mine <<< $'learn own\ncheck\nimages\nanswer 1\nleave\nhint'
	echo "$output"
	[[ $output == *"This is its own."* ]]
	[[ $output == *"It was timed: images"* ]]
	[[ $output == *"Lesson 'own' is done. 'learn hello' begins the next one"* ]]
	[[ $output == *"no lesson is under way"*"'learn hello' begins the next one"* ]]
}

@test "a lesson that asks for an image has all tags of it in its world" {
	mkdir -p mine/32-node
	cat > mine/32-node/lesson.lua <<-'EOF'
		lesson{ format = 1, id = "node", needs = { "image:node" }, minutes = 1, points = 1 }
		step{ id = "one", points = 1,
		  goals = { answer{ id = "ask", choices = 2, right = 1 } },
		  solve = { function(w) w:type("answer 1") end } }
	EOF
	printf '%s\n' --- 'revision: 1' --- '## @lesson Node' '' Node. '' '## @step one One' '' \
		'Do it.' '### @ask one/ask' '1. One.' '2. Two.' '### @done one' 'Done.' \
		> mine/32-node/text.en.md
	printf 'FROM busybox\nENV A=b\n' | ds build -q -t node:20 -
	printf 'FROM busybox\nENV A=c\n' | ds build -q -t node:20-slim -
	printf 'FROM busybox\nENV A=d\n' | ds build -q -t nodes:1 -
	run ds --lessons mine <<< $'learn node\nimages --format "{{.Repository}} {{.Tag}}"'
	echo "$output"
	[[ $output == *"node 20-slim"* && $output == *"node 20"$'\n'* ]]
	[[ $output != *"nodes 1"* ]]
}

@test "a line that went wrong outside of the world is answered, and a wrong answer each time" {
	run ds <<< $'learn hello\nimages\necho hi\nrun busybox echo hi\nanswer 3\nanswer 3\nhint'
	echo "$output"
	[[ $output == *"ran on your own machine"* ]]
	[ "$(grep -c 'Look once more' <<< "$output")" -eq 2 ]
}

@test "a step that another form takes the place of is not left out of its lesson" {
	run ds lessons
	echo "$output"
	[[ $output == *"merge leaves out a part"*"no image 'node'"* ]]
	[[ $output != *"base-image leaves out"* && $output != *"express leaves out"* ]]
}

@test "what was met and is lost again is said once with why, then in one line" {
	mkdir -p mine/33-hold
	cat > mine/33-hold/lesson.lua <<-'LUA'
		lesson{ format = 1, id = "hold", needs = {}, minutes = 1, points = 3 }
		step{ id = "one", points = 3, goals = {
		    container{ id = "runs", name = "web", status = "running", hold = true },
		    container{ id = "named", name = "web", image = "busybox", after = "runs", hold = true },
		    answer{ id = "ask", after = "runs", choices = 2, right = 1 } },
		  solve = { function(w)
		    w:type("run -d --name web busybox sleep 99")
		    w:type("answer 1") end } }
	LUA
	printf '%s\n' --- 'revision: 1' --- '## @lesson Hold' '' Hold. '' '## @step one One' '' \
		'Do it.' '### @goal one/runs' 'It runs' '### @goal one/named' 'It is busybox' \
		'### @goal one/ask' 'You know it' '### @ask one/ask' '1. One.' '2. Two.' \
		'### @done one' 'Done.' > mine/33-hold/text.en.md
	run ds --lessons mine <<-'IN'
		learn hold
		run -d --name web busybox sleep 99
		rm -f web
		images
		run -d --name web busybox sleep 99
		rm -f web
		ps
	IN
	echo "$output"
	[ "$(grep -c '\[x\] It runs' <<< "$output")" -eq 2 ]
	# on the page, and once for each loss
	[ "$(grep -c '\[ \] It runs' <<< "$output")" -eq 3 ]
	[ "$(grep -c '\[ \] It is busybox' <<< "$output")" -eq 1 ]
	[ "$(grep -c 'must still be so at the end' <<< "$output")" -eq 1 ]
}

@test "'reset' brings back an image that the learner removed, with what it stands on" {
	mkdir -p mine/34-back
	cat > mine/34-back/lesson.lua <<-'LUA'
		lesson{ format = 1, id = "back", needs = {}, minutes = 1, points = 1 }
		step{ id = "one", points = 1,
		  setup = function(w)
		    w:write("Dockerfile", "FROM busybox\nRUN echo hello > /x\n")
		    w:type("build -t site:1 .") end,
		  goals = { container{ id = "runs", name = "web", image = "site:1" } },
		  solve = { function(w) w:type("run --name web site:1 cat /x") end } }
	LUA
	printf '%s\n' --- 'revision: 1' --- '## @lesson Back' '' Back. '' '## @step one One' '' \
		'Do it.' '### @goal one/runs' 'It ran' '### @done one' 'Done.' > mine/34-back/text.en.md
	run ds --lessons mine <<-'IN'
		learn back
		rmi site:1
		reset
		run --name web site:1 cat /x
	IN
	echo "$output"
	expect_in_output "Deleted: sha256:"
	grep -qx hello <<< "$output"
	expect_in_output "[x] It ran"
}

@test "outside of the prompt it is said how to go on, and learn alone goes back to what was left" {
	run ds learn hello
	expect_in_output "start it with 'dockershell'"
	run ds check
	expect_in_output "start it with 'dockershell'"
	ds leave
	run ds check
	expect_in_output "'learn hello' goes on with the one that you left"
	run ds <<< learn
	expect_in_output "Going on with lesson 'hello'."
	expect_in_output "hello 1/5"
	not grep -q "start it with" <<< "$output"
}
