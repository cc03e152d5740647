# tests/prompt/helpers.tcl - what the tests of the prompt start from.
#
# Each test has a home and a folder of its own, removed at its end. `begin` opens
# the prompt on a terminal, `say` types a line and waits for the prompt after it,
# `sees` and `says` check what came. A test prints TAP.

set root [file normalize [file dirname [info script]]/../..]
if {[info exists env(DOCKERSHELL)]} {
	set program $env(DOCKERSHELL)
} else {
	set program $root/dockershell
}
set scratch [string trim [exec mktemp -d]]
set env(DOCKERSHELL_HOME) $scratch/home
set env(TERM) xterm
set env(LC_ALL) C.UTF-8
foreach name {LANGUAGE DOCKERSHELL_LANG NO_COLOR COLUMNS INPUTRC} {
	unset -nocomplain env($name)
}
set env(INPUTRC) /dev/null
cd $scratch
log_user 0
set timeout 20
match_max 100000
set tests 0
set columns 80
set failures 0

# The end of a prompt; in front of it stands what the command printed.
set prompt {dockershell[^\r\n]*> $}

proc result {good name} {
	global tests failures expect_out
	incr tests
	if {$good} {
		puts "ok $tests - $name"
		return
	}
	incr failures
	puts "not ok $tests - $name"
	if {[info exists expect_out(buffer)]} {
		puts "# it said: [string map {\n "\n# "} $expect_out(buffer)]"
	}
}

# Opens the prompt, without the question of how the terminal draws (it would wait
# for an answer that expect does not give); words are options of the program.
proc begin {args} {
	global program prompt spawn_id stty_init columns
	set stty_init "rows 24 columns $columns"
	uplevel #0 [list spawn -noecho $program --color=never --ascii {*}$args]
	upvar #0 spawn_id id
	set spawn_id $id
	ready "the prompt comes"
}

# Waits for the next prompt. What came before it is in `heard`.
proc ready {name} {
	global prompt spawn_id heard
	expect {
		-re $prompt {
			# Without what only steers the terminal.
			regsub -all {\x1b\[[?0-9;]*[a-zA-Z]\r?} \
				$expect_out(buffer) "" heard
			set heard "\n$heard"
			return 1
		}
		timeout { result 0 "$name (no prompt in time)" }
		eof { result 0 "$name (the program has ended)" }
	}
	set heard ""
	return 0
}

# Types a line and waits for the prompt after it.
proc say {line} {
	global spawn_id
	send -- "$line\r"
	expect -ex "\n"
	ready $line
}

# Types a line that is not whole yet: another prompt asks for the rest. (Before it
# readline tells the terminal to mark what is pasted.)
proc more {line} {
	global spawn_id
	send -- "$line\r"
	expect {
		-re {\n(\x1b\[[?0-9;]*[a-zA-Z]|\r)*> $} {}
		timeout { result 0 "the rest of '$line' is asked for" }
	}
}

# Whether what was heard has this text in it.
proc hears {text name} {
	global heard expect_out
	set expect_out(buffer) $heard
	result [expr {[string first $text $heard] >= 0}] $name
}

proc misses {text name} {
	global heard expect_out
	set expect_out(buffer) $heard
	result [expr {[string first $text $heard] < 0}] $name
}

# Waits for a text, whatever comes before it.
proc sees {text name} {
	global spawn_id
	expect {
		-ex $text { result 1 $name }
		timeout { result 0 $name }
		eof { result 0 $name }
	}
}

# Types a line and waits until it has begun: readline has ended the line.
proc start {line} {
	global spawn_id
	send -- "$line\r"
	expect -ex "\n"
}

# A key, again and again until the prompt comes: one that is typed in the moment in
# which a program starts meets nobody.
proc press {key name} {
	global spawn_id prompt heard timeout
	set until [expr {[clock seconds] + $timeout}]
	set before $timeout
	set timeout 1
	set heard ""
	while {[clock seconds] < $until} {
		send -- $key
		expect {
			-re $prompt {
				set heard "\n$expect_out(buffer)"
				break
			}
			timeout {}
			eof { break }
		}
	}
	set timeout $before
	if {$heard eq ""} { result 0 "$name (no prompt in time)" }
}

# The widest line of what was heard, in columns.
proc widest {} {
	global heard
	set widest 0
	foreach line [split [string map {"\r" ""} $heard] "\n"] {
		set width 0
		foreach char [split $line ""] {
			scan $char %c code
			incr width [expr {$code >= 0x1100 && $code != 0x2026 &&
				!($code >= 0x2500 && $code < 0x2600) ? 2 : 1}]
		}
		if {$width > $widest} { set widest $width }
	}
	return $widest
}

# Waits for the end of the program; its exit status.
proc ended {} {
	global spawn_id
	expect {
		eof {}
		timeout { return "no end in time" }
	}
	return [lindex [wait] 3]
}

proc leave {} {
	global spawn_id
	send "exit 0\r"
	ended
}

proc finish {} {
	global scratch tests failures program
	cd /
	# A container that still runs would go on without its home.
	if {![catch {exec $program ps -q} running] && $running ne ""} {
		catch {exec $program rm -f {*}$running}
	}
	# What a build that was stopped has left may be closed to its own user.
	exec $::env(TOOLS)/tool_remove $scratch
	puts "1..$tests"
	exit [expr {$failures > 0}]
}
