# save and load: images as archives; history: how they came to be.

load helpers

member() { # member ARCHIVE NAME: what a file in it says
	tar -xOf "$1" "$2"
}

# An image on busybox with one more layer and a label, committed.
two_layers() {
	ds run --name worker busybox sh -c 'echo hi >/hi; rm /bin/wc' &&
		ds commit -m 'more' -c 'LABEL a=b' worker "$1" &&
		ds rm worker
} >/dev/null

@test "what was saved comes back with the same ids, several images and every layer once" {
	two_layers two:1
	ds tag two:1 two:2
	local id=$(ds inspect -f '{{.Id}}' two:1) base=$(ds inspect -f '{{.Id}}' busybox)
	run ds save -o both.tar two busybox:latest
	expect_status 0
	expect_output ""
	# Docker's way in and OCI's, and each of the two layers a single time.
	[ "$(tar -tf both.tar | grep -c '^blobs/sha256/.')" = 6 ]
	[ "$(tar -tf both.tar | grep -c 'layer.tar$')" = 2 ]
	run python3 - "${id#sha256:}" "${base#sha256:}" <<-'EOF'
		import hashlib, json, sys, tarfile
		tar = tarfile.open("both.tar")
		read = lambda name: tar.extractfile(name).read()
		for m in tar.getmembers():
		    if m.isreg() and m.name.startswith("blobs/"):
		        assert hashlib.sha256(read(m.name)).hexdigest() == m.name[13:], m.name
		two, busybox = json.loads(read("manifest.json"))
		assert two["Config"][13:] == sys.argv[1], two
		assert busybox["Config"][13:] == sys.argv[2], busybox
		assert two["RepoTags"] == ["two:1", "two:2"], two
		assert two["Layers"][0] == busybox["Layers"][0], two
		assert read(sys.argv[1] + ".json") == read(two["Config"])
		config = json.loads(read(two["Config"]))
		assert ["sha256:" + name[13:] for name in two["Layers"]] == config["rootfs"]["diff_ids"]
		index = json.loads(read("index.json"))["manifests"]
		assert [m["annotations"]["io.containerd.image.name"] for m in index] == [
		    "docker.io/library/two:1", "docker.io/library/two:2", "docker.io/library/busybox:latest"]
		manifest = json.loads(read("blobs/sha256/" + index[0]["digest"][7:]))
		assert manifest["config"]["digest"][7:] == sys.argv[1], manifest
		assert json.loads(read("repositories"))["two"]["2"] == two["Layers"][1][13:]
	EOF
	expect_status 0
	ds rmi two:1 two:2 >rmi.log
	run ds load -i both.tar
	expect_output "Loaded image: two:1
Loaded image: two:2
Loaded image: busybox:latest"
	[ "$(ds inspect -f '{{.Id}}' two:2)" = "$id" ]
	run ds run --rm two:2 sh -c 'cat /hi; ls /bin/wc'
	expect_in_output hi
	expect_in_output "No such file"
}

@test "an archive comes through a pipe, compressed, or lies open as a folder" {
	need_program xz
	two_layers two:1
	ds save two:1 >two.tar
	ds rmi two:1 >/dev/null
	run ds load < <(xz -0 <two.tar)
	expect_output "Loaded image: two:1"
	ds rmi two:1 >/dev/null
	mkdir folder
	tar -C folder -xf two.tar
	run ds load -q -i folder
	expect_output "Loaded image: two:1"
	ds rmi two:1 >/dev/null
	rm folder/manifest.json
	run ds load -i folder
	expect_output "Loaded image: two:1"
	# A link that leads out of the folder leads nowhere.
	ds rmi two:1 >/dev/null
	for blob in folder/blobs/sha256/*; do
		[ "$(head -c 2 "$blob")" = '{"' ] || { mv "$blob" outside; ln -s "$PWD/outside" "$blob"; }
	done
	run ds load -i folder
	expect_status 1
	expect_in_output "does not have it"
	run ds images -q two
	expect_output ""
}

@test "a name that is taken moves, and an image without a name is told by its id" {
	two_layers two:1
	local id=$(ds inspect -f '{{.Id}}' two:1) base=$(ds inspect -f '{{.Id}}' busybox)
	ds save -o two.tar two:1
	ds tag busybox two:1
	run ds load -i two.tar
	expect_output "The image two:1 already exists, renaming the old one with ID $base to empty string
Loaded image: two:1"
	ds save -o nameless.tar "${id:7:12}"
	[[ $(member nameless.tar manifest.json) == *'"RepoTags":null'* ]]
	run ds load -i nameless.tar
	expect_output "Loaded image ID: $id"
	run ds events --since 1m --until 0s --filter type=image --filter event=load --format '{{.Actor.ID}} {{.Actor.Attributes.a}}'
	expect_output "$id b
$id b"
}

@test "save and load refuse in Docker's words, and a file is there whole or not at all" {
	run ds save nosuch
	expect_status 1
	expect_output "Error response from daemon: No such image: nosuch"
	run ds save busybox nosuch:1
	expect_status 1
	expect_output "Error response from daemon: reference does not exist"
	run ds save -o saved.tar busybox nosuch:1
	expect_status 1
	[ "$(ls -A)" = home ]
	run ds save -o /nosuch/x busybox
	expect_output 'failed to save image: invalid output path: directory "/nosuch" does not exist'
	run script -qec "'$DOCKERSHELL' save busybox" /dev/null
	expect_in_output "cowardly refusing to save to a terminal. Use the -o flag or redirect"
	run script -qec "'$DOCKERSHELL' load" /dev/null
	expect_in_output "requested load from stdin, but stdin is empty"
	run ds load -i nosuch
	expect_output "open nosuch: no such file or directory"
	run ds load < <(echo text)
	expect_status 1
	expect_in_output "this is no tar archive"
	ds save -o saved.tar busybox
	head -c 1000000 saved.tar >cut.tar
	run ds load -i cut.tar
	expect_status 1
	expect_in_output "the archive is damaged"
	[ -z "$(ls "$DOCKERSHELL_HOME/layers" | grep tmp)" ]
}

@test "history tells each step, its layer's bytes, and the image where there is one" {
	two_layers two:1
	local id=$(ds inspect -f '{{.Id}}' two:1) base=$(ds inspect -f '{{.Id}}' busybox)
	run ds history two:1
	[[ ${lines[0]} =~ ^"IMAGE          CREATED "+"CREATED BY "+"SIZE      COMMENT"$ ]]
	[[ ${lines[1]} =~ ^${id:7:12}"   ".*" ago "+"sh -c echo hi >/hi; rm /bin/wc "+"3B        more"$ ]]
	run ds history -q --no-trunc two:1
	expect_output "$id
$base"
	run ds history --human=false --format '{{.CreatedSince}} {{.Size}}' two:1
	[[ ${lines[0]} =~ ^20[0-9-]{8}T[0-9:]{8}(Z|[+-][0-9:]{5})" 3"$ ]]
	# Taken elsewhere, it brings the line along and not the image.
	ds save two:1 >two.tar
	ds rmi two:1 >/dev/null
	ds load -q -i two.tar >/dev/null
	run ds history --format '{{.ID}} {{.CreatedBy}}' two:1
	[ "${lines[1]}" = "<missing> " ]
	run ds history nosuch
	expect_status 1
	expect_output "Error response from daemon: No such image: nosuch:latest"
}
