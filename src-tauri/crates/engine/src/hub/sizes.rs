//! Which layer is large enough for what a receiver shows, and what a layer takes that is encoded smaller than it could be. Pure.

use landline_protocol::engine_api::Layer;

/// Pixels of height that nobody misses: sizes are rounded to even numbers, and factors to few digits.
const ROUNDED: u16 = 2;

/// The height that a sender is to send of a track. `scale`: its `scaleResolutionDownBy`; what is no factor counts as none.
pub(super) fn wanted(layers: &[Layer], scale: Option<f64>) -> u16 {
    let full = layers.first().map_or(0, |layer| layer.height);
    let scale = scale.filter(|scale| *scale > 1.0).unwrap_or(1.0);
    // Not negative, and no larger than what it comes from.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let height = (f64::from(full) / scale).round() as u16;
    height
}

/// The smallest layer that is at least so high; the largest one if none is.
pub(super) fn top(layers: &[Layer], height: u16) -> usize {
    layers
        .iter()
        .rposition(|layer| layer.height.saturating_add(ROUNDED) >= height)
        .unwrap_or(0)
}

fn pixels(layer: &Layer) -> u64 {
    u64::from(layer.width) * u64::from(layer.height)
}

/// A layer as it is when it is encoded no higher than `height`. Its rates lie on the straight line to the next smaller layer.
pub(super) fn at_height(layers: &[Layer], index: usize, height: u16) -> Option<Layer> {
    let layer = layers.get(index)?;
    if layer.fixed || height >= layer.height {
        return Some(*layer);
    }
    let (all, part) = (u64::from(layer.height), u64::from(height));
    let width = u64::from(layer.width) * part / all;
    let smaller = Layer {
        width: u16::try_from(width).unwrap_or(layer.width),
        height,
        ..*layer
    };
    let below = layers
        .get(index + 1)
        .filter(|below| pixels(below) <= pixels(&smaller));
    let (from, min, max) = below.map_or((0, 0, 0), |below| {
        (pixels(below), below.min_bitrate, below.max_bitrate)
    });
    let (way, whole) = (pixels(&smaller) - from, (pixels(layer) - from).max(1));
    let between = |low: u32, high: u32| {
        let more = u64::from(high.saturating_sub(low)) * way / whole;
        low.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
    };
    Some(Layer {
        min_bitrate: between(min, layer.min_bitrate),
        max_bitrate: between(max, layer.max_bitrate).max(1),
        ..smaller
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(fixed: bool) -> Vec<Layer> {
        let sizes = [
            (640, 480, 200_000, 1_200_000),
            (320, 240, 50_000, 400_000),
            (160, 120, 20_000, 120_000),
        ];
        let layer = |(width, height, min_bitrate, max_bitrate)| Layer {
            width,
            height,
            min_bitrate,
            max_bitrate,
            fixed,
        };
        sizes.map(layer).into()
    }

    #[test]
    fn the_smallest_layer_that_is_at_least_as_high_as_shown_is_taken() {
        let layers = layers(false);
        let tops = [480, 360, 242, 240, 180, 122, 90, 0].map(|height| top(&layers, height));
        assert_eq!(tops, [0, 0, 1, 1, 1, 2, 2, 2]);
        assert_eq!(top(&layers, 1_080), 0, "nothing is made larger");
    }

    #[test]
    fn a_factor_becomes_a_height_and_nonsense_is_no_factor() {
        let layers = layers(false);
        let heights = [None, Some(1.0), Some(2.0), Some(2.666_7), Some(1e9)]
            .map(|scale| wanted(&layers, scale));
        assert_eq!(heights, [480, 480, 240, 180, 0]);
        let odd = [0.0, -3.0, 0.5, f64::NAN].map(|scale| wanted(&layers, Some(scale)));
        assert_eq!(odd, [480; 4]);
        assert_eq!(wanted(&[], Some(2.0)), 0);
    }

    #[test]
    fn rates_fall_with_the_height_and_never_below_those_of_the_next_layer() {
        let layers = layers(false);
        let mut last = (u32::MAX, u32::MAX);
        for height in (240..=480).rev().step_by(20) {
            let layer = at_height(&layers, 0, height).unwrap();
            assert_eq!(layer.height, height);
            assert!(layer.max_bitrate < last.0 && layer.min_bitrate < last.1);
            assert!(layer.max_bitrate >= 400_000 && layer.min_bitrate >= 50_000);
            last = (layer.max_bitrate, layer.min_bitrate);
        }
        let nothing = at_height(&layers, 2, 0).unwrap();
        assert_eq!((nothing.max_bitrate, nothing.min_bitrate), (1, 0));
    }

    #[test]
    fn what_comes_as_it_comes_is_not_made_smaller() {
        let layers = self::layers(true);
        assert_eq!(at_height(&layers, 0, 100), Some(layers[0]));
    }
}
