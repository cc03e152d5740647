# Seals the letter. Nobody can make this seal without the stamp.
cat letter.txt > sealed.txt
cat letter.txt stamp.txt | md5sum >> sealed.txt
