/* shell/build_opts.c - see build_opts.h */
#include "shell/build_opts.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "images/build.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/run_checks.h"

#define AT(member) offsetof(struct build_opts, member)
#define WHAT N_("What is built")
#define CACHE N_("The cache, and what is left")
#define SHOWN N_("What is shown")
#define STEPS N_("The steps' containers")

const struct opt build_options[] = {
	{ "file", 'f', OPT_TEXT, "string",
	  N_("The Dockerfile (PATH/Dockerfile); -: standard input"), WHAT,
	  AT(file), 0, COMPLETE_FILES },
	{ "tag", 't', OPT_LIST, "list",
	  N_("Name the image: name[:tag]; may be given several times"), WHAT,
	  AT(tags), 0, COMPLETE_NOTHING, build_check_tag },
	{ "target", 0, OPT_TEXT, "string", N_("End at this stage"), WHAT,
	  AT(target), 0, COMPLETE_STAGES },
	{ "build-arg", 0, OPT_LIST, "list",
	  N_("Set an ARG: NAME=value, or NAME for your own value"), WHAT,
	  AT(args), 0, COMPLETE_NOTHING, run_check_env },
	{ "label", 0, OPT_LIST, "list", N_("Add a label: name=value"), WHAT,
	  AT(labels), 0, COMPLETE_NOTHING, run_check_label },
	{ "platform", 0, OPT_TEXT, "string",
	  N_("Taken, and of no effect: images are for this machine"), WHAT,
	  AT(platform), 0, COMPLETE_NOTHING },
	{ "no-cache", 0, OPT_FLAG, NULL, N_("Build every step anew"), CACHE,
	  AT(no_cache), 0 },
	{ "cache-from", 0, OPT_LIST, "strings",
	  N_("Take steps from these images alone, loaded ones too"), CACHE,
	  AT(cache_from), 0, COMPLETE_IMAGES },
	{ "pull", 0, OPT_FLAG, NULL,
	  N_("Taken, and of no effect: no registry is asked for a base"), CACHE,
	  AT(ignored), 0 },
	{ "rm", 0, OPT_FLAG, NULL,
	  N_("Remove the containers of steps that went well (true)"), CACHE,
	  AT(remove), OPT_ON },
	{ "force-rm", 0, OPT_FLAG, NULL,
	  N_("Remove that of a step that failed as well"), CACHE,
	  AT(force_remove), 0 },
	{ "quiet", 'q', OPT_FLAG, NULL,
	  N_("Show the image's id alone, or all if it fails"), SHOWN, AT(quiet),
	  0 },
	{ "progress", 0, OPT_TEXT, "string",
	  N_("auto or plain: the steps are shown the same"), SHOWN,
	  AT(progress), 0, COMPLETE_NOTHING,
	  .values = "auto plain" },
	{ "iidfile", 0, OPT_TEXT, "string", N_("Write the image's id to a file"),
	  SHOWN, AT(iidfile), 0, COMPLETE_FILES },
	{ "explain", 0, OPT_FLAG, NULL,
	  N_("Say for each step what the cache compared"), SHOWN, AT(explain),
	  0 },
	{ "ast", 0, OPT_FLAG, NULL,
	  N_("Show how the Dockerfile is read, and build nothing"), SHOWN,
	  AT(ast), 0 },
	{ "network", 0, OPT_TEXT, "string",
	  N_("Network of RUN: none, host (default \"default\")"), STEPS,
	  AT(network), 0, COMPLETE_NOTHING, .values = "none host default" },
	{ "add-host", 0, OPT_LIST, "list",
	  N_("A line for /etc/hosts: name:address"), STEPS, AT(add_host), 0,
	  COMPLETE_NOTHING, run_check_host },
	{ "memory", 'm', OPT_BYTES, "bytes", N_("Memory limit"), STEPS,
	  AT(memory), 0 },
	{ "memory-swap", 0, OPT_TEXT, "bytes",
	  N_("The same with swap; -1: no limit of swap"), STEPS,
	  AT(memory_swap), 0, COMPLETE_DEFAULT, run_check_swap },
	{ "cpu-shares", 'c', OPT_COUNT, "int", N_("Weight among containers"),
	  STEPS, AT(cpu_shares), 0 },
	{ "cpu-period", 0, OPT_COUNT, "int",
	  N_("Length of a period, in microseconds"), STEPS, AT(cpu_period), 0 },
	{ "cpu-quota", 0, OPT_COUNT, "int",
	  N_("How much of each period, in microseconds"), STEPS, AT(cpu_quota),
	  0 },
	{ "cpuset-cpus", 0, OPT_TEXT, "string", N_("Processors: 0-3, 0,1"),
	  STEPS, AT(cpuset_cpus), 0 },
	{ "cpuset-mems", 0, OPT_TEXT, "string", N_("Memory nodes: 0-3, 0,1"),
	  STEPS, AT(cpuset_mems), 0 },
	{ "shm-size", 0, OPT_BYTES, "bytes", N_("Size of /dev/shm"), STEPS,
	  AT(shm_size), 0 },
	{ "ulimit", 0, OPT_LIST, "ulimit",
	  N_("A limit of the process: nofile=1024:2048"), STEPS, AT(ulimits), 0,
	  COMPLETE_DEFAULT, run_check_ulimit,
	  .values = "core= cpu= data= fsize= locks= memlock= msgqueue= nice= nofile= nproc= rss= rtprio= rttime= sigpending= stack=" },
	{ "security-opt", 0, OPT_LIST, "strings",
	  N_("seccomp=FILE, no-new-privileges ..."), STEPS, AT(security_opt),
	  0,
	  .values = "no-new-privileges seccomp= seccomp=unconfined" },
	/* Docker's; they speak of a client and a daemon that are apart. */
	{ "compress", 0, OPT_FLAG, NULL, NULL, NULL, AT(ignored), OPT_HIDDEN },
	{ "disable-content-trust", 0, OPT_FLAG, NULL, NULL, NULL, AT(ignored),
	  OPT_HIDDEN },
	{ "isolation", 0, OPT_TEXT, "string", NULL, NULL, AT(isolation),
	  OPT_HIDDEN },
	{ "squash", 0, OPT_FLAG, NULL,
	  N_("it melts the layers of a build into one, and they are what is to be looked at here; Docker has it in experimental daemons only"),
	  NULL, 0, OPT_REFUSED },
	{ "secret", 0, OPT_TEXT, "stringArray",
	  N_("only BuildKit has it; a secret would have to be kept from whoever can read this account's files, and nothing here can"),
	  NULL, 0, OPT_REFUSED },
	{ "ssh", 0, OPT_TEXT, "stringArray",
	  N_("only BuildKit has it; it lends your keys to a step of the build"),
	  NULL, 0, OPT_REFUSED },
	{ "output", 'o', OPT_TEXT, "stringArray",
	  N_("only BuildKit has it; 'save' and 'export' write what was built to a file"),
	  NULL, 0, OPT_REFUSED },
	{ "cache-to", 0, OPT_TEXT, "stringArray",
	  N_("only BuildKit has it; the cache here is the images themselves"),
	  NULL, 0, OPT_REFUSED },
	{ "load", 0, OPT_FLAG, NULL,
	  N_("only buildx has it; what is built here is here"), NULL, 0,
	  OPT_REFUSED },
	{ "push", 0, OPT_FLAG, NULL,
	  N_("only buildx has it; build first, then push"), NULL, 0,
	  OPT_REFUSED },
	{ "cgroup-parent", 0, OPT_TEXT, "string",
	  N_("where a cgroup lies is the program's to choose"), NULL, 0,
	  OPT_REFUSED },
	{ 0 },
};

int build_opts_check(const struct build_opts *o, struct err *err)
{
	if (o->progress && *o->progress && strcmp(o->progress, "auto") != 0 &&
	    strcmp(o->progress, "plain") != 0 &&
	    strcmp(o->progress, "tty") != 0)
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid progress value : %s", o->progress);
	if (o->isolation && *o->isolation &&
	    strcmp(o->isolation, "default") != 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid isolation (%s) on linux",
				  o->isolation);
	return 0;
}

void build_opts_cache_from(const struct build_opts *o, struct strs *out)
{
	for (size_t i = 0; i < o->cache_from.count; i++)
		strs_split(out, o->cache_from.items[i], ',');
}
