/* images/build_copy_absent.c - COPY and ADD are not there yet: their words refuse. */
#include "images/build_copy.h"
#include "runtime/base/err.h"
#include <errno.h>
int copy_find(struct store *s, const struct copy_request *r, struct copy_found **o, struct err *e){(void)s;(void)r;(void)o;return err_set(e,ENOSYS,"no copy yet");}
void copy_free(struct copy_found *f){(void)f;}
const char *copy_checksum(const struct copy_found *f){(void)f;return "";}
int copy_fetched(const struct copy_found *f){(void)f;return 0;}
const struct copy_file *copy_files(const struct copy_found *f,size_t*n){(void)f;*n=0;return 0;}
int copy_layer(struct store *s, struct copy_found *f,const struct image *on, struct stage *st, int *o, struct err *e){(void)s;(void)f;(void)on;(void)st;(void)o;return err_set(e,ENOSYS,"no");}
