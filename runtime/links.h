/* runtime/links.h - --link on the usual network: what one container is told of
 * another before it starts.
 *
 * Owns the lines of /etc/hosts and the variables that stand for a link, and that
 * the lines follow when the other one gets another address. On a network of the
 * user's own a link is a name: see dns_names.h.
 *
 * Source: moby daemon/links/links.go, daemon/container_operations.go. */
#ifndef RUNTIME_LINKS_H
#define RUNTIME_LINKS_H

struct buf;
struct container;
struct err;
struct home;
struct spec;
struct strs;

/* Those of a container, "<id>:alias" each; borrowed. */
const struct strs *links_of(const struct spec *spec);

/* What a start has to know of the containers that it links to: `hosts` gets lines
 * ("172.17.0.2\tdb 3f2a... mysql\n"), `env` "DB_PORT=tcp://..." and so on; either may
 * be NULL. In Docker's words: -ESRCH "Cannot link to a non running container: /x AS
 * /y/x", -EINVAL one that is not on the usual network. */
int links_resolve(const struct home *home, const struct spec *spec,
		  struct buf *hosts, struct strs *env, struct err *err);

/* The variables alone, of those that run: what `exec` finds. */
void links_environment(const struct home *home, const struct spec *spec,
		       struct strs *env);

/* Tells the others, in their folders, that this one links to them. */
void links_note(const struct home *home, const struct spec *spec);

/* This one (its folder) has an address: those who link to it are told. */
void links_follow(const struct home *home, int folder_fd,
		  const struct spec *spec);

/* Removes the link `alias` of a container, running or not. -ENOENT: it has none of that
 * name. */
int links_remove(const struct home *home, const char *id, const char *alias,
		 struct err *err);

#endif
