/* tests/fuzz/fuzz_oci.c - any text as a manifest or an index of OCI's: what is taken
 * has valid digests, and a failure always says why. */
#include <stdint.h>
#include <stdlib.h>

#include "images/oci_docs.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN_OCI_DOC struct oci_doc doc = { 0 };
	struct err err = { 0 };

	if (oci_doc_read((const char *)data, size, NULL, &doc, &err) < 0) {
		if (err.code <= 0 || !err.msg[0])
			abort();
		return 0;
	}
	if (!doc.is_index && !digest_is_valid(doc.config.digest))
		abort();
	for (size_t i = 0; i < doc.count; i++)
		if (!digest_is_valid(doc.blobs[i].digest) ||
		    doc.blobs[i].size < 0)
			abort();
	return 0;
}
