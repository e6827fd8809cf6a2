{
  "variables": {
    "rdkafka": "<!(node -p \"require('path').dirname(require.resolve('node-rdkafka/package.json'))\")"
  },
  "targets": [
    {
      "target_name": "border",
      "sources": ["border.cc"],
      "include_dirs": [
        "<(rdkafka)",
        "<(rdkafka)/deps/librdkafka/src",
        "<(rdkafka)/deps/librdkafka/src-cpp",
        "<!(node -p \"require('path').dirname(require.resolve('nan', {paths: [require.resolve('node-rdkafka')]}))\")"
      ],
      "defines": ["NAPI_VERSION=9"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wno-cast-function-type", "-Wno-unused-parameter"],
      "cflags_cc!": ["-fno-rtti"],
      "conditions": [
        ["OS=='linux'", {
          "libraries": ["<(rdkafka)/build/deps/librdkafka.so", "-Wl,-rpath,'<(rdkafka)/build/deps'"]
        }],
        ["OS=='mac'", {
          "libraries": ["<(rdkafka)/build/deps/librdkafka.dylib", "-Wl,-rpath,'<(rdkafka)/build/deps'"],
          "xcode_settings": { "GCC_ENABLE_CPP_RTTI": "YES", "OTHER_CPLUSPLUSFLAGS": ["-std=c++20"] }
        }]
      ]
    }
  ]
}
