using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Represents a 200 response with a JSON body.</summary>
internal sealed class JsonResult<T>(T value) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext) => httpContext.Response.WriteJsonAsync(StatusCodes.Status200OK, value);
}
