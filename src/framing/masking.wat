;; RFC 6455 §5.3 on SIMD registers: exclusive or of the octets [$at, $end) of the memory with the masking-key $key, 64 octets a
;; turn, at least one turn; what is masked beyond $end is nobody's, or there is nothing. src/framing/simd-masking.ts holds the compiled module; to make it anew:
;; node build/test/framing/compile-wat.js
(module
  (memory (export "memory") 6)
  (func (export "mask") (param $at i32) (param $end i32) (param $key i32)
    (local $keys v128)
    (local.set $keys (i32x4.splat (local.get $key)))
    (loop $block
      (v128.store (local.get $at) (v128.xor (v128.load (local.get $at)) (local.get $keys)))
      (v128.store offset=16 (local.get $at) (v128.xor (v128.load offset=16 (local.get $at)) (local.get $keys)))
      (v128.store offset=32 (local.get $at) (v128.xor (v128.load offset=32 (local.get $at)) (local.get $keys)))
      (v128.store offset=48 (local.get $at) (v128.xor (v128.load offset=48 (local.get $at)) (local.get $keys)))
      (br_if $block
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 64))) (local.get $end))))))
