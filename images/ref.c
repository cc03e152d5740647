/* images/ref.c - see ref.h
 *
 *	reference = [domain "/"] path [":" tag] ["@" digest]
 *	domain    = (part *("." part) / "[" IPv6 "]") [":" digits]
 *	path      = component *("/" component)
 *	component = run *(("." / "_" / "__" / 1*"-") run), run = 1*[a-z0-9]
 *	tag       = [A-Za-z0-9_] *127[A-Za-z0-9_.-]
 *
 * The first word is a domain where it looks like one: it has a '.' or a ':', or
 * capitals, or is "localhost". */
#include "images/ref.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images/go_match.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

static const char default_domain[] = "docker.io";
static const char official[] = "library/";

enum {
	MAX_PATH = 255,
	MAX_TAG = 128,
	MIN_DIGEST = 32,
};

void ref_done(struct ref *ref)
{
	free(ref->domain);
	free(ref->path);
	free(ref->tag);
	free(ref->digest);
	*ref = (struct ref){ 0 };
}

static int refuse(struct err *err, const char *sentence)
{
	return err_docker(err, ERR_BARE, EINVAL, "%s", sentence);
}

/* ---- the grammar ---- */

static size_t run_of_path(const char *p)
{
	return strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789");
}

static bool is_path(const char *p)
{
	for (;;) {
		size_t run = run_of_path(p);

		if (!run)
			return false;
		p += run;
		if (!*p)
			return true;
		if (*p == '/' || *p == '.')
			p++;
		else if (*p == '_')
			p += p[1] == '_' ? 2 : 1;
		else if (*p == '-')
			p += strspn(p, "-");
		else
			return false;
	}
}

/* "[2001:db8::1]"; no zone. */
static const char *skip_ipv6(const char *p)
{
	size_t len = strspn(p + 1, "0123456789abcdefABCDEF:");

	return len && p[1 + len] == ']' ? p + len + 2 : NULL;
}

static const char *skip_host(const char *p)
{
	for (;;) {
		const char *start = p;

		while (isalnum((unsigned char)*p) || *p == '-')
			p++;
		if (p == start || *start == '-' || p[-1] == '-')
			return NULL;
		if (*p != '.')
			return p;
		p++;
	}
}

static bool is_domain(const char *text)
{
	const char *p = text[0] == '[' ? skip_ipv6(text) : skip_host(text);
	size_t digits;

	if (!p)
		return false;
	if (!*p)
		return true;
	digits = strspn(p + 1, "0123456789");
	return *p == ':' && digits && !p[1 + digits];
}

static bool is_tag(const char *text)
{
	size_t len = 0;

	for (; text[len]; len++)
		if (!isalnum((unsigned char)text[len]) && text[len] != '_' &&
		    (len == 0 || (text[len] != '.' && text[len] != '-')))
			return false;
	return len >= 1 && len <= MAX_TAG;
}

/* Docker tells a digest that looks right and is of no use from what is none. */
static int check_digest(const char *text, struct err *err)
{
	const char *colon = strchr(text, ':');
	const char *hex = colon ? colon + 1 : "";
	size_t len = strspn(hex, "0123456789abcdefABCDEF");

	if (!isalpha((unsigned char)text[0]) || len < MIN_DIGEST || hex[len])
		return refuse(err, "invalid reference format");
	for (const char *p = text; p < colon; p++) {
		bool separates = strchr("+._-", *p) != NULL;

		if (!isalnum((unsigned char)*p) &&
		    (!separates || !isalpha((unsigned char)p[1])))
			return refuse(err, "invalid reference format");
	}
	if ((size_t)(colon - text) != strlen("sha256") ||
	    strncmp(text, "sha256", strlen("sha256")) != 0)
		return refuse(err, "unsupported digest algorithm");
	if (len != DIGEST_HEX)
		return refuse(err, "invalid checksum digest length");
	if (!digest_is_valid(text))
		return refuse(err, "invalid checksum digest format");
	return 0;
}

/* ---- names ---- */

static bool has_upper(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (isupper((unsigned char)text[i]))
			return true;
	return false;
}

static bool is_id(const char *text)
{
	return strlen(text) == DIGEST_HEX &&
	       strspn(text, "0123456789abcdef") == DIGEST_HEX;
}

/* Cuts the domain off and gives the rest, "library/" added where Docker does. */
static char *split_domain(const char *text, char **out_domain)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : 0;
	bool given = slash &&
		     (memchr(text, '.', len) || memchr(text, ':', len) ||
		      has_upper(text, len) ||
		      (len == 9 && strncmp(text, "localhost", len) == 0));
	const char *rest = given ? slash + 1 : text;

	*out_domain = given ? mem_strn(text, len) : mem_str(default_domain);
	if (strcmp(*out_domain, "index.docker.io") == 0) {
		free(*out_domain);
		*out_domain = mem_str(default_domain);
	}
	if (strcmp(*out_domain, default_domain) == 0 && !strchr(rest, '/'))
		return mem_fmt("%s%s", official, rest);
	return mem_str(rest);
}

int ref_parse(const char *text, struct ref *out, struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	char *mark;

	if (is_id(text))
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid repository name (%s), cannot specify 64-byte hexadecimal strings",
				  text);
	ref.path = split_domain(text, &ref.domain);
	if (has_upper(ref.path, strcspn(ref.path, ":")))
		return refuse(err, "invalid reference format: repository name must be lowercase");
	mark = strchr(ref.path, '@');
	if (mark) {
		*mark = '\0';
		ref.digest = mem_str(mark + 1);
	}
	mark = strchr(ref.path, ':');
	if (mark) {
		*mark = '\0';
		ref.tag = mem_str(mark + 1);
	}
	if (!is_domain(ref.domain) || !is_path(ref.path) ||
	    (ref.tag && !is_tag(ref.tag)))
		return refuse(err, "invalid reference format");
	if (ref.digest && check_digest(ref.digest, err) < 0)
		return -err->code;
	if (strlen(ref.path) > MAX_PATH)
		return refuse(err, "repository name must not be more than 255 characters");
	*out = ref;
	memset(&ref, 0, sizeof(ref)); /* given away */
	return 0;
}

int ref_parse_any(const char *text, struct ref *out, struct err *err)
{
	if (!is_id(text) && !digest_is_valid(text))
		return ref_parse(text, out, err);
	*out = (struct ref){
		.digest = is_id(text) ? mem_fmt("sha256:%s", text) :
					mem_str(text),
	};
	return 0;
}

void ref_tag_latest(struct ref *ref)
{
	if (ref->path && !ref->tag && !ref->digest)
		ref->tag = mem_str("latest");
}

/* ---- and how they are shown ---- */

static char *with_rest(const struct ref *ref, char *name)
{
	OWN_FREE char *taken = name;

	if (!name)
		return mem_str(ref->digest);
	return mem_fmt("%s%s%s%s%s", taken, ref->tag ? ":" : "",
		       ref->tag ? ref->tag : "", ref->digest ? "@" : "",
		       ref->digest ? ref->digest : "");
}

char *ref_full_name(const struct ref *ref)
{
	return ref->path ? mem_fmt("%s/%s", ref->domain, ref->path) : NULL;
}

char *ref_full(const struct ref *ref)
{
	return with_rest(ref, ref_full_name(ref));
}

char *ref_familiar_name(const struct ref *ref)
{
	size_t len = strlen(official);

	if (!ref->path)
		return NULL;
	if (strcmp(ref->domain, default_domain) != 0)
		return ref_full_name(ref);
	if (strncmp(ref->path, official, len) == 0 &&
	    !strchr(ref->path + len, '/'))
		return mem_str(ref->path + len);
	return mem_str(ref->path);
}

char *ref_familiar(const struct ref *ref)
{
	return with_rest(ref, ref_familiar_name(ref));
}

bool ref_matches(const struct ref *ref, const char *pattern)
{
	OWN_FREE char *whole = ref_familiar(ref);
	OWN_FREE char *name = ref_familiar_name(ref);

	return go_match(pattern, whole) == 1 ||
	       (name && go_match(pattern, name) == 1);
}
