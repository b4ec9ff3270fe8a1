# Copyright 2026 The eventd authors.
# SPDX-License-Identifier: Apache-2.0
"""What tools/bench/compare and tools/bench/curves share."""
