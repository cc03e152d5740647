/* runtime/container_files.h - what lies in containers/<id>.
 *
 * Owns the making of the writable layer and of the three files of /etc that the
 * runtime gives, and the removal of all of it. */
#ifndef RUNTIME_CONTAINER_FILES_H
#define RUNTIME_CONTAINER_FILES_H

struct err;
struct home;
struct spec;

/* Makes the folder with lock, upper and work. Returns its descriptor (given). */
int container_files_make(const struct home *home, const struct spec *spec,
			 struct err *err);

/* Writes hosts, hostname and resolv.conf, at each start, once it has its addresses;
 * and resolves its links, whose variables are put into spec->link_env. Fails in
 * Docker's words where a link leads to a container that does not run. */
int container_files_write_etc(const struct home *home, int folder_fd,
			      struct spec *spec, struct err *err);

/* One that runs came to a network, or left one: what it is called there, and whom it
 * asks for names. What else was written into these files stays. */
int container_files_follow_networks(int folder_fd, const struct spec *spec,
				    struct err *err);

/* The container has ended and stays: what overlayfs left in its folder is given the
 * modes with which a plain `rm -r` of the user's removes it. */
void container_files_open_work(int folder_fd);

/* The two halves of a removal, for a monitor whose clients are not to wait for the
 * second. Forgotten, it is in no list and its name is free; cleared, its files are
 * gone. One that is forgotten only is swept like a start that was killed. */
void container_files_forget(const struct home *home, int folder_fd,
			    const struct spec *spec);
int container_files_clear(const struct home *home, int folder_fd,
			  const struct spec *spec, struct err *err);

/* Removes name, record and layer; the caller has the lock, as folder_fd. */
int container_files_remove(const struct home *home, int folder_fd,
			   const struct spec *spec, struct err *err);

#endif
