/* runtime/base/digest.c - see digest.h */
#include "runtime/base/digest.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

struct digest {
	EVP_MD_CTX *ctx;
};

/* Looked up once: each look-up asks libcrypto's providers. */
static EVP_MD *sha256;

/* There is no way on without digests, and no input that makes them fail: only
 * memory or a broken libcrypto does. */
static void must(bool worked)
{
	if (worked)
		return;
	(void)!write(2, "dockershell: libcrypto has no SHA-256\n", 38);
	abort();
}

void digest_prepare(void)
{
	if (sha256)
		return;
	/* The system's openssl.cnf may load further libraries; SHA-256 needs
	 * none of them, and inside a container's root they would be its own. */
	must(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
					 OPENSSL_INIT_NO_ATEXIT,
				 NULL));
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(sha256);
}

struct digest *digest_new(void)
{
	struct digest *digest = mem_alloc(sizeof(*digest));

	digest_prepare();
	digest->ctx = EVP_MD_CTX_new();
	must(digest->ctx && EVP_DigestInit_ex2(digest->ctx, sha256, NULL));
	return digest;
}

void digest_add(struct digest *digest, const void *bytes, size_t len)
{
	must(EVP_DigestUpdate(digest->ctx, bytes, len));
}

void digest_end(struct digest *digest, char out[DIGEST_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	char *p = stpcpy(out, "sha256:");

	must(EVP_DigestFinal_ex(digest->ctx, raw, &len));
	assert(len * 2 == DIGEST_HEX);
	for (unsigned i = 0; i < len; i++) {
		*p++ = digits[raw[i] >> 4];
		*p++ = digits[raw[i] & 15];
	}
	*p = '\0';
	digest_free(digest);
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->ctx);
	free(digest);
}

void digest_of(const void *bytes, size_t len, char out[DIGEST_SIZE])
{
	struct digest *digest = digest_new();

	digest_add(digest, bytes, len);
	digest_end(digest, out);
}

int digest_of_fd(int fd, char out[DIGEST_SIZE], struct err *err)
{
	const size_t size = 64 << 10;
	OWN_FREE char *block = mem_alloc(size);
	struct digest *digest = digest_new();
	ssize_t got;

	while ((got = read(fd, block, size)) > 0)
		digest_add(digest, block, (size_t)got);
	if (got < 0) {
		digest_free(digest);
		return err_errno(err, "read what is to be digested");
	}
	digest_end(digest, out);
	return 0;
}

bool digest_is_valid(const char *text)
{
	if (strncmp(text, "sha256:", 7) != 0)
		return false;
	text += 7;
	return strspn(text, "0123456789abcdef") == DIGEST_HEX &&
	       text[DIGEST_HEX] == '\0';
}

const char *digest_hex(const char *text)
{
	assert(digest_is_valid(text));
	return text + 7;
}

void digest_chain(const char *below, const char *diff, char out[DIGEST_SIZE])
{
	char both[2 * DIGEST_SIZE];

	if (!below) {
		snprintf(out, DIGEST_SIZE, "%s", diff);
		return;
	}
	snprintf(both, sizeof(both), "%s %s", below, diff);
	digest_of(both, strlen(both), out);
}
