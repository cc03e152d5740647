#!/usr/bin/env python3
"""Grades a submission for Classroom 50 with dockershell.

Put it where your classroom's autograder goes:

    gh teacher autograder set-default ORG CLASSROOM --from autograder.py

Classroom 50's runner starts it in the student's checkout. The lesson is called as the
assignment is; where it is not, put a file `lesson` with its name beside this one.

Written are result.json (classroom50/result/v1), release-body.md, and the outputs
`status` and `summary`. Exit status 0: graded, whatever the score. Anything else: the
grader's own fault; the runner then says so, and nobody gets a zero for it.

DOCKERSHELL: the program, where it is not on the PATH.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

INFRASTRUCTURE = 2
# What the doctor must not say no to.
NEEDED = ("kernel:", "namespaces:", "store:", "layers:")


def give_up(reason):
    """The grader's own fault: a result without tests would be taken for a pass."""
    pathlib.Path("result.json").unlink(missing_ok=True)
    text = f"could not be graded; the grader's fault, not the student's: {reason}"
    print(f"::error title=autograder::{text}".replace("\n", "%0A"))
    write_outputs("error", text)
    sys.exit(INFRASTRUCTURE)


def write_outputs(status, summary):
    path = os.environ.get("GITHUB_OUTPUT")
    if path:
        line = " ".join(summary.split())
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"status={status}\nsummary={line}\n")


def find_program():
    beside = os.environ.get("CLASSROOM50_BUNDLE_DIR", "")
    for name in (os.environ.get("DOCKERSHELL"), "dockershell",
                 os.path.join(beside, "dockershell") if beside else None):
        found = shutil.which(name) if name else None
        if found:
            return found
    give_up("there is no dockershell on this machine; install it in the assignment's runtime")


def find_lesson():
    for folder in (os.environ.get("CLASSROOM50_BUNDLE_DIR"), os.path.dirname(__file__)):
        path = pathlib.Path(folder or ".", "lesson")
        if folder and path.is_file():
            return path.read_text(encoding="utf-8").strip()
    return os.environ.get("ASSIGNMENT", "")


def find_submission():
    """The archive that `submit` makes, where it is all there is; else the checkout."""
    archives = sorted(pathlib.Path().glob("*.submission.tar"))
    if len(archives) == 1 and not pathlib.Path("commands.dsh").exists():
        return f"./{archives[0]}"
    return "."


def ask_doctor(program):
    told = subprocess.run([program, "doctor", "--plain"], capture_output=True, text=True,
                          errors="replace", check=False,
                          env=dict(os.environ, LC_ALL="C.UTF-8", DOCKERSHELL_LANG="en")).stdout
    refused = [line for line in told.splitlines()
               if line.startswith(NEEDED) and ": NO: " in line]
    if refused:
        give_up("this machine lets no containers be made: " + "; ".join(refused))


def commit_time():
    """When it was handed in: it stays the same however often it is graded."""
    try:
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", "show", "-s", "--format=%cd",
             "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "HEAD"],
            capture_output=True, text=True, check=True, env=dict(os.environ, TZ="UTC"))
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None


def cell(text):
    return " ".join(str(text).split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def release_body(result, summary):
    lines = [f"### {cell(summary)}", "", "| Goal | Result | Points | Why |", "|---|---|---|---|"]
    for test in result["tests"]:
        lines.append(f"| {cell(test['test-name'])} | {'PASS' if test['passed'] else 'FAIL'} "
                     f"| {test['score']} / {test['max-score']} | {cell(test.get('message', ''))} |")
    return "\n".join(lines) + "\n"


def main():
    program = find_program()
    lesson = find_lesson()
    submission = find_submission()
    if not lesson:
        give_up("no lesson is named: neither $ASSIGNMENT nor a file 'lesson'")
    ask_doctor(program)
    # What the student has put there is neither a result nor a place for one.
    for name in ("result.json", "release-body.md"):
        pathlib.Path(name).unlink(missing_ok=True)
    done = subprocess.run([program, "grade", lesson, "--submission", submission,
                           "--format", "classroom50", "--out", "result.json"],
                          stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    path = pathlib.Path("result.json")
    result = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    # Without a goal it is the grader's own fault; a submission that is refused has one.
    if done.returncode not in (0, 1) and not result.get("tests"):
        give_up(done.stderr.strip() or f"exit status {done.returncode}")
    result["datetime"] = commit_time() or result["datetime"]
    pathlib.Path("result.json").write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n",
                                           encoding="utf-8")
    passed = sum(test["passed"] for test in result["tests"])
    summary = (f"classroom50 autograde: {result['score']}/{result['max-score']} "
               f"({passed}/{len(result['tests'])} goals met)")
    pathlib.Path("release-body.md").write_text(release_body(result, summary), encoding="utf-8")
    write_outputs("success" if passed == len(result["tests"]) else "failure", summary)
    print(summary)


if __name__ == "__main__":
    main()
