# After a lesson: the notebook; ways through the lessons; a demo and what it leaves.

load helpers

# A lesson of two steps that takes no time.
make_lesson() {
	mkdir -p lessons/90-room
	cat >lessons/90-room/lesson.lua <<'END'
lesson{ format = 1, id = "room", minutes = 7, points = 2 }
step{ id = "one", points = 1,
  goals = { container{ id = "ran", name = "box", exit = 0 },
    diff{ id = "made", after = "ran", container = "box", has = { "A /note" } } },
  solve = { function(w) w:type('run --network none --name box busybox sh -c "echo hi > /note"') end } }
step{ id = "two", points = 1,
  goals = { answer{ id = "guess", points = 0, choices = 2, right = 1, predict = true },
    gone{ id = "gone", after = "guess", container = "box" } },
  solve = { function(w) w:type("answer 2") w:type("rm box") end } }
END
	cat >lessons/90-room/text.en.md <<'END'
---
revision: 1
---
## @lesson A room & <more>
## @step one The first step
### @done one
That is the **layer**.
## @step two The second step
### @ask two/guess
What will be left?

1. Nothing at all.
2. Everything.
### @done two
    box:  thrown
    away

It was thrown away.
## @end The end
## @card
- Containers go. `docker rm box`
END
	sed -e 's/revision: 1/follows: 1/' -e 's/A room .*/部屋/' \
		-e 's/Containers go\./コンテナは消える。/' \
		lessons/90-room/text.en.md >lessons/90-room/text.ja.md
	cat >lessons/paths.json <<'END'
{ "paths": [ { "id": "mine", "title": "My own way", "lessons": ["room", "nowhere", "diff"] } ] }
END
	export DOCKERSHELL_LESSONS=$scratch/lessons
}

# Does it, with the lines given in front.
play() {
	{
		printf '%s\n' "$@" 'run --network none --name box busybox sh -c "echo hi > /note"' \
			next 'answer 2' 'rm box'
	} | ds 2>&1
}

# Whether all tags are closed in their order, and only known ones are there.
check_html() {
	python3 - "$1" <<'END'
import html.parser, sys
class Parser(html.parser.HTMLParser):
    open_tags = []
    def handle_starttag(self, tag, attrs):
        assert tag in ("html head meta title style body section h1 h2 h3 h4 p ul ol "
                       "li br code pre strong table tr th td div span blockquote").split(), tag
        assert tag not in ("a", "img", "link", "script")
        if tag not in ("meta", "br"):
            self.open_tags.append(tag)
    def handle_endtag(self, tag):
        assert self.open_tags and self.open_tags.pop() == tag, (tag, self.getpos())
parser = Parser()
parser.feed(open(sys.argv[1], encoding="utf-8").read())
assert not parser.open_tags, parser.open_tags
END
}

@test "after a lesson: both ways, figures, predictions, a card; the best run is kept" {
	make_lesson
	run play 'learn room' 'run --rm --network none busybox true'
	expect_status 0
	expect_in_output "Your way: 2 commands "
	expect_in_output "The author's way: 1 command"
	expect_in_output "You guessed: Everything."
	expect_in_output "It was: Nothing at all."
	expect_in_output "Lesson done: 2 of 2 points."
	run ds next # a page that is not longer than a screen
	[ "${#lines[@]}" -lt 20 ]
	expect_in_output "The end"
	expect_in_output "the author"
	expect_in_output "0 of 1 were right"
	expect_in_output "'next lesson' begins 'hello'"
	run ds <<<$'learn room\nprogress'
	expect_in_output "The second step"
	expect_in_output "You guessed: Everything."
	run ds card
	expect_in_output "    docker rm box"
	# A second, worse run does not take its place; nor does forgetting the lesson.
	play 'learn room --again' 'run --rm --network none busybox true' \
		'run --rm --network none busybox false' 'ps' >/dev/null
	run ds learn room --again
	expect_in_output "result is kept: 2 of 2"
	run ds progress
	grep -q "room  *2/2  *2/2" <<< "$output"
	expect_in_output "'room' has been begun again: 0 of 2 points so far."
	run ds card room
	expect_in_output "    docker rm box"
	run ds notebook room
	expect_in_output "The best of 2 runs."
	grep -Eqx ' *box:  thrown' <<<"$output" # behind the guess, a block of its own
	expect_in_output "commands: you 3, the author 2"
	run env COLUMNS=60 "$DOCKERSHELL" notebook
	expect_in_output "room: A room & <more>. Finished on"
	ds note 'a <b> & "c"' '`d`'
	ds leave
	ds note general
	ds note --remove 2
	run ds notebook export
	expect_in_output '## A room & <more>'
	expect_in_output 'a \<b\> \& "c" \`d\`'
	[[ $output != *general* ]]
	for lang in en ja; do
		ds --lang "$lang" notebook export "$lang.html"
		grep -q "<html lang=\"$lang\">" "$lang.html"
		grep -q 'a &lt;b&gt; &amp; &quot;c&quot; `d`' "$lang.html"
		check_html "$lang.html"
	done
	grep -q '<h2>A room &amp; &lt;more&gt;</h2>' en.html
	grep -q 'コンテナは消える。<br><code>docker rm box</code>' ja.html
	run ds notebook export --format pdf
	expect_status 125
	expect_in_output "is not md or html"
	run ds notebook nothing
	expect_status 1
	expect_in_output "the notebook has nothing of a lesson 'nothing'"
}

@test "paths: what there is of them, where one is, and what comes next" {
	make_lesson
	run ds lessons --path mine
	expect_in_output "My own way: 2 lessons, 19 min"
	run ds learn --path mine
	expect_in_output "A room & <more>"
	play 'learn room' >/dev/null
	run ds lessons
	expect_in_output "My own way: 2 lessons, 19 min; 1 done, 12 min to go"
	expect_in_output "done *"
	run ds next lesson
	expect_in_output "The writable layer"
	run ds lessons --json --all
	expect_in_output '"path": "course"'
	[[ $output != *'"tour"'* ]]
	run ds lessons --path nowhere
	expect_status 1
	expect_in_output "the paths there are: mine, course, workshop, lecture"
	echo '{' >lessons/paths.json
	run ds lessons
	expect_status 0
	expect_in_output "paths.json:"
}

@test "a demo plays by itself where there is no terminal, and leaves nothing" {
	make_lesson
	ds run --network none --name box busybox true
	run ds demo room
	expect_status 0
	expect_in_output "[x] the container 'box' is gone"
	expect_in_output "It was: Nothing at all."
	expect_in_output "It was thrown away."
	run ds ps -aq
	[ "$(wc -w <<<"$output")" = 1 ]
	run ds lessons --json
	expect_in_output '"step": 0'
	[ -z "$(find home/lessons -name 'demo-*')" ]
	run ds demo room 3
	expect_in_output "there is no step 3: 1 to 2"
	# One that was killed in the middle, with something running in it.
	sed -i 's/echo hi > .note/sleep 1000/; s/exit = 0/exit = 137/' lessons/90-room/lesson.lua
	"$DOCKERSHELL" demo room >/dev/null 2>&1 &
	local demo=$!
	wait_for 10 sh -c 'find home/lessons/worlds -path "*demo-*" -name state.json | grep -q .'
	kill -9 "$demo"
	wait "$demo" 2>/dev/null || true
	[ -n "$(find home/lessons -name 'demo-*')" ]
	run ds demo room 3
	[ -z "$(find home/lessons -name 'demo-*')" ]
	[ -z "$(pids_of_home)" ]
}
