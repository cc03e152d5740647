# layers, whose, compare, argv, sent, du: each against the truth found in another way.

load helpers

# What hides what, found anew from the tars that `save` writes (argument 1), as
# "layers --json", "whose --all --json" (2 and 3) have to tell it.
truth() {
	python3 - "$@" <<'END'
import io, json, sys, tarfile
saved = tarfile.open(sys.argv[1])
layers, hidden = (json.load(open(f)) for f in sys.argv[2:4])
names = json.load(saved.extractfile("manifest.json"))[0]["Layers"]
assert len(names) == len(layers["layers"]), (names, layers["layers"])
seen, gone, sizes = {}, set(), []      # path: layer; (path, layer) hidden
def hide(path, number, itself=True):
    for p in [p for p in seen if p.startswith(path + "/") or itself and p == path]:
        if seen[p] < number:
            gone.add((p, seen.pop(p)))
for number, name in enumerate(names, 1):
    tar = tarfile.open(fileobj=io.BytesIO(saved.extractfile(name).read()))
    members = [("/" + m.name.strip("./") if not m.name.startswith(".wh") else "/" + m.name, m) for m in tar]
    size = 0
    for path, m in members:
        folder, _, last = path.rpartition("/")
        if last == ".wh..wh..opq":
            hide(folder, number, False)
        elif last.startswith(".wh."):
            hide(folder + "/" + last[4:], number)
        elif m.isdir():
            if path in seen and seen[path] < number:
                gone.add((path, seen.pop(path)))
    for path, m in members:
        if m.isdir() or path.rpartition("/")[2].startswith(".wh."):
            continue
        hide(path, number)
        seen[path] = number
        size += len(m.linkname) if m.issym() else 0 if m.islnk() else m.size
    sizes.append(size)
told = [l["size_bytes"] for l in layers["layers"]]
assert told == sizes, (told, sizes)
assert layers["size_bytes"] == sum(sizes) and layers["adds_up"]
for l in layers["layers"]:
    assert l["size_bytes"] == sum(l[k]["bytes"] for k in ("added", "copied", "rewritten")), l
    assert l["size_bytes"] == l["seen_bytes"] + l["hidden"]["bytes"], l
assert sum(w["bytes"] for w in layers["waste"]) == layers["wasted_bytes"]
files = {(f["path"], f["layer"]) for f in hidden["files"]}
assert files == gone, (files ^ gone)
print({f["path"]: f["why"] for f in hidden["files"]})
END
}

# No network is needed for any of it.
build() {
	ds build --network none -q "$@" >/dev/null
}

make_image() {
	mkdir -p ctx
	cat >ctx/Dockerfile <<'END'
FROM busybox
RUN mkdir -p /t/dir/sub /t/gone /t/was-dir && echo 1 >/t/dir/a && echo 22 >/t/dir/sub/b && echo 333 >/t/gone/x && echo 4 >/t/was-dir/y && echo 5 >/t/was-file && echo token-4711 >/t/token && ln -s dir /t/link && ln /t/token /t/twin && echo 6 >/t/changed
RUN chmod -R go-rwx /t/dir
RUN rm /t/token && rm -r /t/gone
RUN rm -r /t/dir && mkdir -p /t/dir/sub && echo new >/t/dir/c
RUN rm -r /t/was-dir /t/was-file && echo 7 >/t/was-dir && mkdir /t/was-file && echo 8 >/t/was-file/in && echo 66 >/t/changed
RUN rm /t/twin
ENTRYPOINT ["cat"]
CMD ["/t/changed"]
END
	build -t web ctx
}

@test "layers, whose and compare tell of each file what the saved tars and the container say" {
	make_image
	ds save -o web.tar web
	ds layers --json web >layers.json
	ds whose --all --json web >hidden.json
	run truth web.tar layers.json hidden.json
	expect_status 0
	expect_in_output "'/t/token': 'deleted'"
	expect_in_output "'/t/gone/x': 'deleted'"
	expect_in_output "'/t/changed': 'rewritten'"
	[ "$(jq .size_bytes layers.json)" = "$(ds inspect -f '{{.Size}}' web)" ]
	# Of several names, the one that was asked for.
	ds tag web other:1
	[[ $(ds layers web) == web:latest* && $(ds layers other:1) == other:1* ]]
	ds rmi other:1 >/dev/null
	# The files of a layer as find(1) sees them on the disk.
	jq -r '.layers[] | "\(.folder) \(.size_bytes)"' layers.json | while read -r folder size; do
		[ "$(find "$DOCKERSHELL_HOME/$folder" ! -type d -printf '%i %s\n' |
			sort -u | awk '{ s += $2 } END { print s + 0 }')" = "$size" ]
	done
	# What was deleted can be read, what is seen is what a container reads.
	run ds whose --show web:/t/token
	expect_output "token-4711"
	run ds whose --show web:/t/link/c
	expect_output "new"
	[ "$(ds whose --show web:/t/changed)" = "$(ds run --network none --rm web)" ]
	[ "$(ds whose --show --layer 2 web:/t/changed)" = 6 ]
	run ds whose web:/t/token
	expect_in_output "Nobody serves /t/token any more, but layer 2 of web still holds it"
	[ "${lines[-1]}" = "Next: dockershell whose --show --layer 2 web:/t/token" ]
	run ds whose --show --layer 1 web:/t/token
	expect_status 1
	run ds whose web:/nowhere
	expect_status 1
	expect_in_output "no layer of 'web' has /nowhere, seen or hidden"

	# Modes are ls(1)'s. What is no text is not for a terminal.
	run ds whose busybox:/tmp
	expect_in_output "$(stat -c %A "$DOCKERSHELL_HOME/$(jq -r '.layers[0].folder' layers.json)/tmp")"
	ds run --name cut busybox rm /bin/busybox >/dev/null || true
	run ds whose cut:/bin/busybox
	[ "${lines[-1]}" = "Next: dockershell whose --show --layer 1 cut:/bin/busybox | od -c | head" ]
	run script -qec "$DOCKERSHELL whose --show --layer 1 cut:/bin/busybox" /dev/null </dev/null
	expect_in_output "is no text"
	ds rm cut >/dev/null

	# A container: its own layer on top, mounts over all of them.
	mkdir host
	ds run --network none --name one -v vol:/t/dir -v "$PWD/host:/mnt" --entrypoint sh web -c 'echo mine >/t/changed; rm /etc/passwd; ln -s loop /loop'
	ds layers --json one >c.json
	[ "$(jq '.layers[-1].writable' c.json)" = true ]
	[ "$(jq '.layers[-1].size_bytes' c.json)" = "$(ds inspect -s -f '{{.SizeRw}}' one)" ]
	[ "$(jq -c '.layers[-1] | [.rewritten.files, .hides.files, .whiteouts]' c.json)" = "[1,1,1]" ]
	[ "$(jq -c '[.mounts[] | [.type, .target, .hides.files]]' c.json)" = '[["volume","/t/dir",1],["bind","/mnt",0]]' ]
	run ds whose one:/t/dir/c
	expect_in_output "No layer serves /t/dir/c in one: volume vol at /t/dir lies over them."
	run ds whose one:/t/dir
	[[ $output != *"What one sees"* ]]
	[[ $(ds layers one) == *" layers of"*"web:latest"* ]]
	run ds whose one:/etc/passwd
	expect_in_output "Nobody serves /etc/passwd any more, but layer 1 of one still holds it"
	run ds whose one:/loop
	expect_in_output "leads round and round to nothing"
	# 60 columns hold it, in ASCII as well; the last line is one thing to try.
	for columns in 60 80; do
		run env COLUMNS=$columns LC_ALL=C "$DOCKERSHELL" layers one
		expect_status 0
		[ "$(printf '%s\n' "$output" | LC_ALL=C grep -vn '^[ -~]*$')" = "" ]
		[ "$(printf '%s\n' "$output" | awk -v n=$columns 'length > n')" = "" ]
		[[ ${lines[-1]} == "Next: dockershell "* ]]
	done
	run ds layers --plain one
	expect_in_output "layer 8, writable, container one, 9 bytes"
	run ds compare --files web one
	expect_in_output "/etc/passwd - only in web:latest"
	run ds layers nothing
	expect_status 1
	expect_in_output "Error: No such object: nothing"

	# Side by side: the causes add up to each size, what is shared is counted once.
	echo own >ctx/own
	printf 'FROM busybox\nCOPY own /own\nRUN echo 12345678 >/made\n' >ctx/second
	build -t other -f ctx/second ctx
	printf 'FROM scratch\nLABEL a=b\n' >ctx/bare
	build -t bare -f ctx/bare ctx
	[ "$(ds layers --json bare | jq -r .next)" = "argv bare" ]
	# One of the same layers, made later, is no base.
	printf 'FROM busybox\nENV A=1\n' >ctx/third
	build -t a -f ctx/third ctx
	ds compare --json --files web other busybox >compare.json
	for i in 0 1 2; do
		name=$(jq -r ".images[$i].name" compare.json)
		[ "$(jq "[.images[$i].causes[]] | add" compare.json)" = "$(ds inspect -f '{{.Size}}' "$name")" ]
	done
	[ "$(jq -c '.images[1] | [.base, .causes.run, .causes.own_files, .causes.waste]' compare.json)" = '["busybox:latest",9,4,0]' ]
	[ "$(jq .shared_bytes compare.json)" = "$(ds inspect -f '{{.Size}}' busybox)" ]
	[ "$(jq -c '[.files[] | select(.path == "/own" or .path == "/made") | .size_bytes]' compare.json)" = '[[null,9,null],[null,4,null]]' ]
	run ds compare web other
	expect_in_output "Adds up: the causes of each are the size that"
	[ "${lines[-1]}" = "Next: dockershell layers web:latest" ]
}

@test "argv: the words are those that a container is made with, in every combination" {
	mkdir ctx
	exec_e='ENTRYPOINT ["echo","E"]' shell_e='ENTRYPOINT echo E $0'
	exec_c='CMD ["echo","c"]' shell_c='CMD echo $((1+1))'
	for both in '|' "|$shell_c" "$exec_e|$exec_c" "$exec_e|$shell_c" "$shell_e|$exec_c"; do
		printf 'FROM busybox\nCMD []\n%s\n%s\n' "${both%|*}" "${both#*|}" >ctx/Dockerfile
		build -t i ctx
		for words in '' 'echo -n b'; do
			ds argv --json i $words >argv.json
			run ds create i $words
			[ "$status" = 0 ] || {
				[[ $output == *"No command specified"* ]]
				[ "$(jq -r .error argv.json)" = "No command specified" ]
				continue
			}
			[ "$(ds inspect -f '{{json .Path}} {{json .Args}}' "$output" | jq -sc '[.[0]] + .[1]')" = \
				"$(jq -c .argv argv.json)" ]
		done
		# Its own row of the table is what it does.
		[ "$(jq -c '.argv == (.table[] | select(.this_image) | .argv_with_words)' argv.json)" = true ]
	done
	ds create --name last --entrypoint ls i -l >/dev/null
	[ "$(ds argv --json --entrypoint ls i -l | jq -c .argv)" = "$(ds argv --json last | jq -c .argv)" ]
	ds run --network none -d --name up busybox sleep 1000 >/dev/null
	[ "$(ds argv --json up | jq -r '.process_1 | join(" ")')" = "$(ds exec up cat /proc/1/cmdline | tr '\0' ' ' | sed 's/ $//')" ]
	run ds argv up ls
	expect_status 1
	expect_in_output "its command line was fixed when it was made"
}

@test "sent: the files that a COPY gets, the bytes that build tells, and which line hides what" {
	mkdir -p ctx/node_modules/x ctx/src/deep
	for f in node_modules/x/1 src/a.js src/deep/b.js a.log keep.log server.js 'two words'; do
		echo "$f" >"ctx/$f"
	done
	ln -s a.js ctx/src/link
	printf '# what is made again\nnode_modules\n\n*.log\n!keep.log\n**/deep\nDockerfile\n' >ctx/.dockerignore
	printf 'FROM busybox\nCOPY . /ctx\nCOPY a.l?g /x/\nCMD ["cat", "/ctx/a.log"]\n' >ctx/Dockerfile
	ds sent --json ctx >sent.json
	sed -i '/a.l?g/d' ctx/Dockerfile
	run ds build --network none -t ctx ctx
	expect_status 0
	cp ctx/Dockerfile smaller
	ds sent --json ctx >again.json
	[ "$(jq -r .tar_bytes again.json)" -ge 2048 ]
	expect_in_output "Sending build context to Docker daemon  $(jq -r '.tar_bytes / 1000' again.json)kB"
	[ "$(ds run --network none --rm ctx find /ctx ! -type d | sed 's|^/ctx/||' | sort)" = \
		"$(jq -r '.files[] | select(.sent and .ignore_line != 0) | .path' again.json | sort)" ]
	[ "$(jq -r '.files[] | select(.sent | not) | "\(.ignore_line) \(.path)"' again.json)" = "4 a.log
2 node_modules/x/1
6 src/deep/b.js" ]
	[ "$(jq -c '[.files[] | select(.path == "keep.log" or .path == "Dockerfile") | .ignore_line]' again.json)" = "[0,5]" ]
	[ "$(jq -c '[.copies[] | [.line, .takes.files]]' sent.json)" = "[[2,6],[3,0]]" ]
	[ "$(jq -r .next sent.json)" = "explain --dry-run build ctx" ]
	[ "$(jq -r .next again.json)" = "build -q ctx" ]
	[ "$(jq -r '.looks_needed[] | "\(.line) \(.path)"' sent.json)" = "4 a.log" ]
	run env COLUMNS=60 "$DOCKERSHELL" sent ctx
	expect_status 0
	[ "$(printf '%s\n' "$output" | awk 'length > 62')" = "" ]
	# A folder is taken, be it without a file.
	mkdir -p bare/hollow bare/shut && touch bare/shut/x.log
	echo '**/*.log' >bare/.dockerignore
	printf 'FROM busybox\nCOPY hollow /h\nCOPY shut /s\nCOPY ho* /g\n' >bare/Dockerfile
	[ "$(ds sent --json bare | jq -c '[.copies[] | [.takes.files, .folder]]')" = "[[0,true],[0,true],[0,true]]" ]
	build bare
	run ds sent bare
	[[ $output != *fails* ]]
	run ds sent nowhere
	expect_output 'unable to prepare context: path "nowhere" not found'
}

@test "du: the sum is du(1)'s, and a removal gives back what was said" {
	mkdir ctx
	seq 5000 >ctx/numbers
	printf 'FROM busybox\nCOPY numbers /\n' >ctx/Dockerfile
	build -t web ctx
	ds run --network none --name one -v vol:/data web sh -c 'dd if=/dev/zero of=/data/f bs=1000 count=300 2>/dev/null'
	ds du --json >du.json
	[ "$(jq .total_bytes du.json)" = "$(du -s -B1 "$DOCKERSHELL_HOME" | cut -f1)" ]
	[ "$(jq '[.things[].own_bytes] | add' du.json)" = "$(jq .total_bytes du.json)" ]
	[ "$(jq '.things[] | select(.kind == "volume") | .own_bytes' du.json)" = "$(du -s -B1 "$DOCKERSHELL_HOME/volumes/vol" | cut -f1)" ]
	[ "$(jq -c '[.things[] | select(.name == "web:latest" or .name == "vol") | .needed_by]' du.json)" = '[["one"],["one"]]' ]
	ds rm one >/dev/null
	frees=$(ds du --json | jq '[.things[] | select(.name == "web:latest" or .name == "vol") | .frees_bytes] | add')
	left() { ds du --json | jq '[.things[] | select(.kind != "own_records" and .kind != "build_steps") | .own_bytes] | add'; }
	before=$(left)
	ds rmi web >/dev/null
	ds volume rm vol >/dev/null
	[ "$((before - $(left)))" = "$frees" ]
	run ds du
	expect_in_output "Adds up:"
	[ "${lines[-1]}" = "Next: dockershell layers busybox:latest" ]
}

# Not in milliseconds: the machine may be busy. find(1) has the same walk to do.
@test "a walk through three layers with a thousand files takes some times as long as find" {
	mkdir ctx
	python3 - <<'END'
import io, tarfile
for n in range(3):
    with tarfile.open("ctx/%d.tar" % n, "w") as tar:
        for i in range(400):
            m = tarfile.TarInfo("d%d/f%d" % (i % 30, i if n % 2 else n * 2000 + i))
            m.size = 20
            m.mode = 0o644 if n % 3 else 0o600
            tar.addfile(m, io.BytesIO(b"%020d" % i))
END
	printf 'FROM busybox\nADD 0.tar /big\nADD 1.tar /big\nADD 2.tar /big\n' >ctx/Dockerfile
	build -t big ctx
	[ "$(ds layers --json big | jq '[.layers[] | .added.files + .copied.files] | add')" -gt 1400 ]
	best() {
		local least=999999999 from took
		for _ in 1 2 3; do
			from=${EPOCHREALTIME/./}
			"$@" >/dev/null
			took=$((${EPOCHREALTIME/./} - from))
			[ $took -gt $least ] || least=$took
		done
		echo $least
	}
	find=$(best find "$DOCKERSHELL_HOME/layers" -printf '%s\n')
	layers=$(best ds layers big)
	start=$(best ds layers busybox) # what the program takes to start, sanitized or not
	echo "find $find us, layers $layers us, of one layer $start us"
	[ "$((layers - start))" -lt $((find * 20)) ]
}
