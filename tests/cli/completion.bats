# The Tab key in bash, asked as bash asks it.

load helpers

# tab LINE PART: what is put in place of PART, the end of LINE after its last blank,
# = or :, each in [].
tab() {
	bash -c '
		compopt() { :; }
		source ./script
		COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=($2)
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_dockershell "$1" "$3" ""
		printf "[%s]" "${COMPREPLY[@]}"' - "$DOCKERSHELL" "$1" "$2"
}

expect_tab() {
	run tab "$1" "$2"
	expect_output "$3"
}

@test "in bash, Tab knows commands, options, values and the files of a container" {
	ds completion bash >script
	bash -n script
	ds create --name web busybox true >/dev/null
	mkdir sources
	: >sources/notes.txt
	expect_tab "dockershell vers" vers "[version]"
	expect_tab "dockershell run --na" --na "[--name]"
	expect_tab "dockershell run --network=ho" ho "[host]"
	expect_tab "dockershell ps --filter status=ru" ru "[running]"
	expect_tab "dockershell ps --format '{{.Na" "'{{.Na" "[{{.Names}}]"
	expect_tab "dockershell run busyb" busyb "[busybox]"
	expect_tab "dockershell start " "" "[web]"
	expect_tab "dockershell cp web:/etc/pass" /etc/pass "[/etc/passwd]"
	expect_tab "dockershell run busybox cat /etc/pass" /etc/pass "[/etc/passwd]"
	expect_tab "dockershell cp web:et" et "[etc/]"
	ds run --name odd busybox touch "/a b"
	expect_tab "dockershell cow odd:/a" /a "[/a\\ b]"
	expect_tab 'dockershell cow odd:/a\ ' '/a\ ' "[/a\\ b]"
	expect_tab "dockershell whose busybox:/et" /et "[/etc/]"
	expect_tab "dockershell why busybox:latest:/etc/pass" /etc/pass "[/etc/passwd]"
	expect_tab "dockershell network rm " "" "[]"
	expect_tab "dockershell edit sources/n" sources/n "[sources/notes.txt]"
	expect_tab "dockershell run --mount type=bind,source=sour" sour "[sources]"
	expect_tab "dockershell build s" s "[sources]"
	expect_tab "dockershell --home $scratch/none start " "" "[]"
	[ ! -e "$scratch/none" ]
}

@test "there is a script for zsh and fish, too, and none for others" {
	ds completion zsh >script.zsh
	ds completion fish >script.fish
	! command -v zsh >/dev/null || zsh -n script.zsh
	! command -v fish >/dev/null || fish -n script.fish
	run ds completion tcsh
	expect_status 1
	expect_in_output "there is one for bash, zsh and fish"
	run ds help
	! grep -q '^ *complete ' <<<"$output"
}

@test "in fish, Tab finds what lies in a folder with a blank in the home" {
	command -v fish >/dev/null || return 0 # nothing to ask
	mkdir -p "me/a b"
	: >"me/a b/notes.txt"
	export HOME=$PWD/me
	ds completion fish >script.fish
	sed -i "s|-c dockershell|-c ${DOCKERSHELL##*/}|" script.fish
	asked() {
		PATH=${DOCKERSHELL%/*}:$PATH fish -N -c "source script.fish; complete -C \$argv[1]" \
			"${DOCKERSHELL##*/} $1"
	}
	run asked 'edit ~/a\ b/no'
	expect_output "~/a b/notes.txt"
	run asked 'build ~/a\ '
	expect_output "~/a b/"
	run asked 'build $HOME/'
	expect_output '$HOME/a b/'
}

@test "in zsh, Tab goes on with fields in an open quote or without one, behind others" {
	command -v zsh >/dev/null || return 0 # nothing to ask
	ds completion zsh >script.zsh
	ds create --name web busybox true >/dev/null
	cat >ask.zsh <<'END'
compset() { return 0 }
compdef() { :; }
compadd() { print -rl -- $whole $going_on }
typeset -A compstate=(quote "'")
words=($DOCKERSHELL inspect --format "'{{.Id}} {{.State.Pi")
CURRENT=4 PREFIX='{{.Id}} {{.State.Pi'
source ./script.zsh
_dockershell
END
	run zsh -f ask.zsh
	expect_output "{{.Id}} {{.State.Pid}}"
	# Without a quote, zsh keeps open braces to itself and puts them back.
	sed -i -e "s/^words=.*/words=(\$DOCKERSHELL inspect --format {{.Id}}-{{.State.Pi)/" \
		-e "s/^CURRENT=.*/CURRENT=4 PREFIX='{{.Id}}-.State.Pi' SUFFIX=/" \
		-e "s/^typeset.*/typeset -A compstate/" ask.zsh
	run zsh -f ask.zsh
	expect_output "{{.Id}}-.State.Pid}}"
}
