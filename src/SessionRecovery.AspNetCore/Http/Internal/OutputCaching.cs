using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OutputCaching;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// Prevents the host's output cache from storing responses that belong to one user or that are valid only until a certain time.
/// </summary>
internal static class OutputCaching
{
    /// <summary>Overrides all output-cache policies of the host for this endpoint, including policies that are added later.</summary>
    public static TBuilder WithoutOutputCache<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Finally(static endpoint => endpoint.Metadata.Add(new OutputCacheAttribute { NoStore = true }));
        return builder;
    }
}
