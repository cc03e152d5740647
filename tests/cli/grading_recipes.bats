# The ready files of lessons/grading do what they say: Gradescope, Classroom 50, GitHub,
# several machines. What they write is read as their readers do (tests/report/check).

load helpers

recipes=$root/lessons/grading
check=$root/tests/report/check

# hand_in NAME [LINE...]: a submission in subs/NAME
hand_in() {
	mkdir -p "subs/$1"
	printf '%s\n' "${@:2}" >"subs/$1/commands.dsh"
}

# gradescope_with NAME: Gradescope's folders, with that submission
gradescope_with() {
	export AUTOGRADER=$scratch/autograder
	mkdir -p "$AUTOGRADER/source"
	cp "$recipes/gradescope/"{run_autograder,digest.sh} "$AUTOGRADER/source"
	echo hello >"$AUTOGRADER/source/lesson"
	cp -r "subs/$1" "$AUTOGRADER/submission"
	results=$AUTOGRADER/results/results.json
}

expect_read() {
	local as=$scratch/$1-report
	cp "$2" "$as"
	run python3 "$check" "$as"
	expect_status 0
}

value_of() { # FILE EXPRESSION
	python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"
}

@test "each recipe is a script that can be read" {
	need_once
	for file in "$recipes"/gradescope/* "$recipes"/cluster/*; do
		bash -n "$file"
	done
	python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' \
		"$recipes/classroom50/autograder.py"
	# the workflow: no tab, and its scripts are scripts
	not grep -q "$(printf '\t')" "$recipes/github/grade.yml"
	python3 - "$recipes/github/grade.yml" <<'END' >steps.sh
import re, sys
text = open(sys.argv[1]).read()
for block in re.findall(r"run: \|\n((?: {10}.*\n|\n)+)", text):
    print("(" + re.sub(r"(?m)^ {10}", "", block) + ")")
END
	[ "$(grep -c '^(' steps.sh)" -ge 3 ]
	bash -n steps.sh
}

@test "run_autograder grades, and where no namespaces are it says whose fault that is" {
	need_once
	need_userns
	hand_in ann "run busybox echo hello"
	gradescope_with ann
	run "$AUTOGRADER/source/run_autograder"
	expect_status 0
	expect_read gradescope "$results"
	[ "$(value_of "$results" 'sum(t["score"] for t in r["tests"])')" = 2 ]

	run without_userns "$AUTOGRADER/source/run_autograder"
	expect_status 0
	expect_read gradescope "$results"
	[ "$(value_of "$results" 'sum(t["max_score"] for t in r["tests"])')" = 0 ]
	[[ $(value_of "$results" 'r["output"]') == *"grader's fault"*"namespaces: NO"* ]]
}

@test "results that were made here are handed out there, without the program" {
	need_once
	need_userns
	hand_in ann "run busybox echo hello"
	hand_in bob
	run "$recipes/gradescope/grade-here" hello subs out
	expect_status 0
	expect_in_output "ann: graded"
	expect_read gradescope out/bob.json
	expect_read html out/report.html
	run "$recipes/gradescope/grade-here" hello subs out
	expect_status 0
	expect_in_output "ann: graded before"

	run "$recipes/gradescope/make-zip" hello out
	expect_status 0
	gradescope_with bob
	python3 -m zipfile -e autograder.zip "$AUTOGRADER/source"
	DOCKERSHELL=/nowhere run bash "$AUTOGRADER/source/run_autograder"
	expect_status 0
	cmp "$results" out/bob.json
	# what nobody has graded is no zero either
	echo more >>"$AUTOGRADER/submission/commands.dsh"
	DOCKERSHELL=/nowhere run bash "$AUTOGRADER/source/run_autograder"
	expect_read gradescope "$results"
	[[ $(value_of "$results" 'r["output"]') == *"grade-here"* ]]
}

@test "autograder.py writes Classroom 50's result, and fails where the grader does" {
	need_once
	need_userns
	hand_in ann "run busybox echo hello"
	cd subs/ann
	export CLASSROOM=cs ASSIGNMENT=hello OWNER=ann SUBMISSION_TAG=submit/1-abc \
		COMMIT_URL=https://x/c RELEASE_URL=https://x/r GITHUB_OUTPUT=$scratch/outputs
	run python3 "$recipes/classroom50/autograder.py"
	expect_status 0
	expect_read classroom50 result.json
	[ "$(value_of result.json 'r["score"]')" = 2 ]
	grep -q '^status=failure$' "$scratch/outputs"
	grep -q '| PASS | 1 / 1 |' release-body.md

	DOCKERSHELL=/nowhere PATH=/usr/bin:/bin run python3 "$recipes/classroom50/autograder.py"
	expect_status 2
	[ ! -e result.json ]
	grep -q '^status=error$' "$scratch/outputs"
}

@test "a class is graded by jobs of their own, and merged" {
	need_once
	need_userns
	hand_in ann "run busybox echo hello"
	hand_in bob
	# Slurm, as far as these scripts see it: arrays run one behind the other
	mkdir bin
	cat >bin/sbatch <<'END'
#!/bin/bash
last=1
for word; do
	case $word in --array=*) last=${word##*-} ;; esac
done
for ((i = 1; i <= last; i++)); do
	SLURM_ARRAY_TASK_ID=$i SLURM_ARRAY_TASK_COUNT=$last SLURM_ARRAY_TASK_MIN=1 \
		bash "${@: -1}" >&2
done
echo 7
END
	chmod +x bin/sbatch
	PATH=$PWD/bin:$PATH run "$recipes/cluster/grade-slurm" hello subs slurm 2
	expect_status 0
	expect_read json slurm/graded.json
	[ "$(value_of slurm/graded.json '[s["submission"] for s in r["submissions"]]')" = \
		"['ann', 'bob']" ]
}

@test "grade-parallel goes on where it was interrupted" {
	need_once
	need_userns
	hand_in ann "run busybox echo hello"
	hand_in bob
	run "$recipes/cluster/grade-parallel" hello subs many
	expect_status 0
	# ann was done and bob was not, when it was killed
	mkdir many/grading-there-1
	mv many/results/*.json many/grading-there-1
	cp many/grading-there-1/ann.json ann.json
	sed -i 's/"state": "done"/"state": "cut"/' many/grading-there-1/bob.json
	run "$recipes/cluster/grade-parallel" hello subs many
	expect_status 0
	cmp ann.json many/results/ann.json
	grep -q '"state": "done"' many/results/bob.json
	[ "$(wc -l <many/grades.csv)" = 3 ]
	[ -z "$(ls -d many/grading-*)" ]
	# what is handed in anew is graded anew
	echo 'run busybox true' >>subs/ann/commands.dsh
	ln -s /etc/passwd subs/eve
	run "$recipes/cluster/grade-parallel" hello subs many
	expect_status 2
	not cmp -s ann.json many/results/ann.json
	grep -q '"fault": "submission"' many/results/eve.json
}

# end_session SID: kills all in it, and what one of them starts meanwhile
end_session() {
	local pids
	while pids=$(ps -o pid= -s "$1"); do
		kill -9 $pids 2>/dev/null || :
	done
}

@test "what a killed run left on another machine goes with the next one, and nothing else" {
	need_once
	need_userns
	# Without them grade-parallel knows no other machine.
	command -v parallel >/dev/null && command -v rsync >/dev/null || return 0
	hand_in ann "run busybox echo hello"
	mkdir bin there
	ln -s "$DOCKERSHELL" bin/dockershell
	# The other machine is a folder: what ssh is told is done in there.
	cat >bin/ssh <<'END'
#!/bin/bash
while [[ $1 == -* ]]; do
	case $1 in -[lpoiFSW]) shift ;; esac
	shift
done
shift
[ "$1" != -- ] || shift
# Some have no shell of their own.
unset SHELL
cd "$THERE" && exec bash -c "$*" 9>&- # the lock is not for the other end
END
	chmod +x bin/ssh
	export THERE=$scratch/there PATH=$PWD/bin:$PATH
	mkdir -p many there/grading-mine-1 there/grading-other-1
	printf '%s\n' 'grading-mine-1 1/lab' '../there 1/lab' >many/.left
	run "$recipes/cluster/grade-parallel" hello subs many 1/lab
	expect_status 0
	[ "$(ls there)" = grading-other-1 ]
	[ ! -e many/.left ]
	grep -q '"state": "done"' many/results/ann.json
	# It is killed while it works there.
	echo 'run busybox sleep 60' >>subs/ann/commands.dsh
	setsid "$recipes/cluster/grade-parallel" hello subs many 1/lab 3>&- &
	wait_for 60 eval 'ls there | grep -qv other'
	end_session "$!" # all that it has started, as when a machine goes down
	hand_in ann "run busybox echo hello"
	run "$recipes/cluster/grade-parallel" hello subs many 1/lab
	expect_status 0
	[ "$(ls there)" = grading-other-1 ]
}

# Its examples are run as they stand, one behind the other, each to its end.
@test "the guide for teachers is so" {
	need_once
	need_userns
	hand_in ann "run busybox echo hello"
	hand_in bob
	mkdir bin
	ln -s "$DOCKERSHELL" bin/dockershell
	ln -s "$recipes" grading
	awk '/^ *```sh run/ { on = 1; next } /^ *```$/ { on = 0 } on' \
		"$root/lessons/GRADING.md" >examples.sh
	[ "$(grep -c . examples.sh)" -ge 11 ]
	PATH=$PWD/bin:$PATH run bash -e examples.sh
	expect_status 0
	expect_read junit junit.xml
	expect_read html ann.html
	expect_read html class.html
	expect_read csv grades.csv
	[ "$(wc -l <many/grades.csv)" = 3 ]
	[ -s results/ann.json ] && [ -s many/report.html ] && [ -s autograder.zip ]
	# every format there is stands in it
	formats=$(ds grade --help | tr -s ' \n' ' ' | sed 's/.*A report: //; s/ (may.*//' | tr -d ,)
	[ "$(wc -w <<<"$formats")" = 11 ]
	for format in $formats; do
		grep -q "^| \`$format\` |" "$root/lessons/GRADING.md"
	done
}
