"""The one form everything is lowered to: `target[affine] (+)= operation over indices of body`.

Domains, affine index maps, variables, expressions, statements, programs; and pure questions about them. Rewrites and
gradients work on this form before scheduling; arrays appear only in `plan`. May import `source` only.
"""
