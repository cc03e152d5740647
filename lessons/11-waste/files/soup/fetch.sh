# Fetches a package, as apt-get, npm or curl would do.
seq 1 500000 > package
