/* runtime/spec.c - see spec.h */
#include "runtime/spec.h"

#include <signal.h>
#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/caps.h"

void spec_init(struct spec *spec)
{
	*spec = (struct spec){
		.cwd = mem_str("/"),
		.caps = CAPS_DOCKER,
		.stop_signal = SIGTERM,
		.stop_timeout_s = 10,
	};
}

void spec_done(struct spec *spec)
{
	free(spec->id);
	free(spec->name);
	free(spec->image);
	free(spec->image_id);
	free(spec->hostname);
	free(spec->domainname);
	free(spec->user);
	free(spec->cwd);
	strs_done(&spec->layers);
	strs_done(&spec->args);
	strs_done(&spec->env);
	strs_done(&spec->labels);
	*spec = (struct spec){ 0 };
}
