namespace AudioStudio.Page;

/// <summary>Represents the settings of the server that the page shows or needs.</summary>
/// <param name="Development">Whether the page may crash the server.</param>
/// <param name="WaveformCost">The credits per waveform.</param>
/// <param name="Documentation">
/// The path of the documentation, or <see langword="null"/> if this server does not have the documentation.
/// </param>
/// <param name="Supabase">The Supabase project for the sign-in, or <see langword="null"/> for a sign-in at this server.</param>
internal sealed record StudioInfo(bool Development, int WaveformCost, string? Documentation, SupabaseInfo? Supabase);
