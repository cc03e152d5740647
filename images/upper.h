/* images/upper.h - what a container wrote becomes a layer.
 *
 * Owns the way from containers/<id>/upper to a stage: `commit` and the builder's RUN
 * and WORKDIR go it. How the files become a tar is pack.h's, how the tar becomes a
 * layer stage.h's. */
#ifndef IMAGES_UPPER_H
#define IMAGES_UPPER_H

struct err;
struct home;
struct stage;

/* A container's writable layer. Borrowed.
 *
 * id   the container's, 64 digits
 * top  the highest layer below it, as mount(2) is told: "l/XXXXX"; NULL: none */
struct upper {
	const struct home *home;
	const char *id;
	const char *top;
};

/* 1: there is something in it that goes into a layer; 0: nothing was changed. */
int upper_has_changes(const struct upper *upper, struct err *err);

/* Packs it, as root among the account's ids, and stages it upon the layers that end
 * with chain id `below` (NULL: upon none). Returns its place in the stage. */
int upper_stage(const struct upper *upper, struct stage *stage,
		const char *below, struct err *err);

/* The same for a container that nobody wants any more: its files become the layer's
 * without a copy, as they lie there. */
int upper_take(const struct upper *upper, struct stage *stage,
	       const char *below, struct err *err);

#endif
